"""Music as notes, in the order of the flow.

`folder` finds files, `read` reads one (`formats/`), `quantize` puts its notes on a grid, `corpus` has Bach's chorales,
`load` returns a `MusicData` with splits. `voices` and `keys` prepare what `formats/` writes, `synthesize` makes sound.
"""
