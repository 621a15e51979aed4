"""Tables, in the order of the flow: `load` reads one (`sources`, `files`, `formats/`), infers its columns (`values/`)
and its target (`targets/`); `columns` and `encoder` encode rows, `report` describes them, `stream` and `row_stream`
give batches.
"""
