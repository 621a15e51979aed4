"""Images, in the order of the flow:

    load          a data set with classes: one with a name, a folder (`folders/`) or images in memory (`in_memory/`)
    decode/       one image from its file; `scale/`: values of more than 8 bits as bytes; `cache/`: each is decoded once
    dataset       images of one size together; `statistics` of each, one of `device_copies` on each device
    duplicates    images that occur twice; `report`: the data report
    stream        batches; `augment/`, `normalize`

`restoration/` serves restoration; `pairs` and `edges` serve translation.
"""
