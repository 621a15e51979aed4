"""Music as notes, in the order of the flow.

`folder` finds files, `read` reads one (`midi`, `musicxml`), `quantize` puts its notes on a grid, `corpus` has Bach's
chorales, `load` returns a `MusicData` with splits. `voices` and `keys` prepare what `write_midi`, `write_musicxml` and
`synthesize` write.
"""
