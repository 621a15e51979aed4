"""Music: pieces as sequences of notes (`tokens`, `stream`), composing and harmonizing (`sample`, `generate`), what
composed music is compared with (`measures/`), and `drawings/`.
"""
