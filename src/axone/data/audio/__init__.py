"""Recordings, in the order of the flow:

    load       a data set: `named/` has those with a name, `files/` lists those of a folder or a table
    decode/    one recording from its file; `voices/` speaks; `cache/`: each is decoded or spoken once
    audio_data the `recordings` with their targets, `splits` and `duplicates`; `report`: the data report
    stream     batches: `augment`, then log-mel `features`

`microphone` records.
"""
