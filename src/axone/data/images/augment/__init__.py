"""Augmentation of image batches: `presets` chooses ranges; `base`, `geometry`, `color`, `blur_noise`, `erasing`
change pixels before normalization; `mixing` mixes normalized images.
"""
