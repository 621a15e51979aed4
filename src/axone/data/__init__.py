"""Where examples come from, a package per kind of data: `datasets` finds data by name, `images`, `tables`, `audio`
and others read them; `split` holds samples out; `stream` gives batches in a reproducible order (`random`). `memory`,
`skipped` and `paths` serve all that read files.
"""
