"""Drawn boards of one game as one array, for sheets and animations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8


def stack_boards(images: Sequence[UInt8[np.ndarray, "_ _ 3"]]) -> UInt8[np.ndarray, "images height width 3"]:
    """Return images as one array; below and to the right of smaller ones (a pass needs a line) is white."""
    height, width = (max(image.shape[axis] for image in images) for axis in (0, 1))
    stacked = np.full((len(images), height, width, 3), 255, dtype=np.uint8)
    for whole, image in zip(stacked, images):
        whole[: image.shape[0], : image.shape[1]] = image
    return stacked
