"""Pixel values of more than 8 bits, or with a sign, in an image of Pillow."""

from __future__ import annotations

import numpy as np
from jaxtyping import Num
from PIL import Image

_SAMPLE_FORMAT, _UNSIGNED, _SIGNED = 339, 1, 2  # the tag of TIFF that says how its values are stored


def has_more_than_bytes(image: Image.Image) -> bool:
    """Return whether the values of an image are not unsigned bytes. Only its header is needed.

    Color images never are: Pillow reads 8 bits of each channel.
    """
    return image.mode == "F" or image.mode.startswith("I") or (image.mode == "L" and _sample_format(image) == _SIGNED)


def has_more_than_read(image: Image.Image) -> bool:
    """Return whether an image that was not decoded yet has 16 bits per channel, of which Pillow reads the 8 higher."""
    return not has_more_than_bytes(image) and any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def read_values(image: Image.Image) -> Num[np.ndarray, "height width"]:
    """Return the values of an image for which `has_more_than_bytes`, in their own type."""
    values = np.asarray(image)
    if image.mode == "L":  # signed bytes, which Pillow reads as unsigned ones
        return values.view(np.int8)
    if image.mode == "I" and _sample_format(image) == _UNSIGNED and (values < 0).any():
        return values.view(np.uint32)  # which Pillow reads as signed ones
    return values


def _sample_format(image: Image.Image) -> int:
    """Return the sample format of a TIFF image; 0 for any other image."""
    tags = getattr(image, "tag_v2", None)
    value = tags.get(_SAMPLE_FORMAT, 0) if tags is not None else 0
    return int(value[0]) if isinstance(value, tuple) else int(value)
