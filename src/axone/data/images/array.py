"""Bring a picture that lies in memory, as an array or a tensor, to the shape that a network takes.

The steps are those of `image_file.py`, so that an array meets the network as the file of the same picture would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from axone.data.images.file import resize_and_crop, to_gray_or_rgb
from axone.errors import DataError
from axone.messages import _


def prepare_image(image: np.ndarray | Tensor, facts: Mapping[str, Any]) -> UInt8[np.ndarray, "height width channels"]:
    """Bring a picture in memory to the shape a network was trained on: facts["input"] = [channels, height, width].

    `image` is (height, width) or (height, width, channels) with 1 to 4 channels, 0 to 255; floats count from
    0 to 1. The steps are those of `read_image`. Raises DataError for any other shape or kind.
    """
    channels, height, width = facts["input"]
    array = check_image(image)
    if np.issubdtype(array.dtype, np.floating):
        array = np.rint(array * 255).astype(np.uint8)
    return resize_and_crop(
        to_gray_or_rgb(Image.fromarray(np.ascontiguousarray(array))), size=(height, width), channels=channels
    )


def check_image(image: np.ndarray | Tensor) -> np.ndarray:
    """Return a picture in memory as bytes, or as floats from 0 to 1, (height, width) or with 2 to 4 channels.

    Raises DataError for what is none.
    """
    array = np.asarray(image.cpu() if isinstance(image, Tensor) else image)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)) or 0 in array.shape:
        raise DataError(
            _("An array of shape {shape} is not a picture.", shape=array.shape),
            expected=_("expected (height, width) or (height, width, channels)"),
        )
    if np.issubdtype(array.dtype, np.floating):
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise DataError(_("A picture of floats must hold numbers from 0 to 1 only."))
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype != np.uint8:
        raise DataError(
            _("An array of {kind} is not a picture.", kind=array.dtype),
            expected=_("expected whole numbers from 0 to 255 (uint8), or floats from 0 to 1"),
        )
    return array
