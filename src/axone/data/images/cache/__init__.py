"""The memory-mapped cache of decoded images: `build` fills it (`workers`, `decoding`, `reuse`), `format` reads it,
`admin` lists and clears it.
"""
