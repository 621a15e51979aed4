"""Where examples come from, a package per kind of data: `datasets` finds data by name, `images`, `tables` and `voxels`
read them; `split` holds samples out; `stream` gives batches in a reproducible order (`random`).
"""
