"""Recordings, in the order of the flow: `files` lists them and decodes each once with `file` (`wav`, `formats`,
`resample`) into the `cache`; `sets` has those with a name; `load` returns `recordings` with their targets, `splits` and
notes for the `report`; `augment` and `features` turn samples into log-mel features, `stream` gives batches.
"""
