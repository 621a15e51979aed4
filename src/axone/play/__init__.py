"""Where experience comes from: worlds, games and tree search, many copies at once, as functions on tensors.

`docs/play.md` describes the package as a library.
"""
