"""Tables, in the order of the flow: `load` reads one (`sources`, `files`, `delimited`), infers its columns (`types`)
and its `target`; `columns` and `encoder` encode rows, `report` describes them, `stream` and `row_stream` give batches.
"""
