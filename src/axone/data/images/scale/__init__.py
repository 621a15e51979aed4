"""Pixel values of more than 8 bits: the one scale of a data set by which they become bytes.

`scale` is the scale itself; `values` reads such values from an image; `sample` collects those of a data set, `choice`
chooses the scale from them, and `units` applies it to values of another type than those of the training.
"""
