"""Photographs that scikit-image and scikit-learn ship, and small sets made from them."""

from __future__ import annotations

import numpy as np
import skimage.data
from jaxtyping import UInt8
from PIL import Image


def crop_square(photograph: UInt8[np.ndarray, "height width 3"], side: int) -> UInt8[np.ndarray, "side side 3"]:
    """The middle of a photograph, resized to a side in pixels."""
    height, width, _channels = photograph.shape
    half = min(height, width) // 2
    top, left = height // 2 - half, width // 2 - half
    square = Image.fromarray(photograph).crop((left, top, left + 2 * half, top + 2 * half))
    return np.asarray(square.resize((side, side), Image.Resampling.BICUBIC))


def photographs_of_known_classes(side: int) -> dict[int, UInt8[np.ndarray, "side side 3"]]:
    """Photographs of a cat, a cup of espresso and a missile, each by the number of its class in ImageNet."""
    photographs = {285: skimage.data.chelsea(), 967: skimage.data.coffee(), 657: skimage.data.rocket()}
    return {number: crop_square(photograph, side) for number, photograph in photographs.items()}
