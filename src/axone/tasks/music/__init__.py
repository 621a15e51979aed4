"""Music: pieces as sequences of notes (`tokens`, `stream`), composing and harmonizing (`sample`, `generate`), and what
composed music is compared with (`baselines`, `counterpoint`, `copies`).
"""
