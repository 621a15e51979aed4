"""Images in memory wherever files are accepted: arrays, tensors and images of Pillow, one or a whole data set.

`item` reads one image, `layout` finds the axis of its channels, `labels` reads classes, and `collection` joins a data
set: X, or (X, y).
"""
