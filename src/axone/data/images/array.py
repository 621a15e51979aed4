"""Convert an image in memory, an array or a tensor, to the shape that a network takes.

The steps are those of `file.py`, so the network gets the same pixels from an array and from a file of the same image.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from axone.data.images.file import to_gray_or_rgb, to_input
from axone.errors import DataError
from axone.messages import _


def prepare_image(image: np.ndarray | Tensor, facts: Mapping[str, Any]) -> UInt8[np.ndarray, "height width channels"]:
    """Return an image in memory with the size and channels that a network was trained on.

    Args:
        image: (height, width) or (height, width, channels) with 1 to 4 channels: bytes, or floats from 0 to 1.
        facts: The facts of the run, with `input`: [channels, height, width].

    Raises:
        DataError: The array has another shape or kind.
    """
    channels, height, width = facts["input"]
    array = check_image(image)
    if np.issubdtype(array.dtype, np.floating):
        array = np.rint(array * 255).astype(np.uint8)
    return to_input(
        to_gray_or_rgb(Image.fromarray(np.ascontiguousarray(array))),
        size=(height, width),
        channels=channels,
        fit=facts.get("fit", "crop"),
    )


def check_image(image: np.ndarray | Tensor) -> np.ndarray:
    """Return an image in memory as an array of bytes, or of floats from 0 to 1.

    Its shape is (height, width) or (height, width, 2 to 4 channels). Raises DataError for anything else.
    """
    array = np.asarray(image.cpu() if isinstance(image, Tensor) else image)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)) or 0 in array.shape:
        raise DataError(
            _("An array of shape {shape} is not an image.", shape=array.shape),
            expected=_("expected (height, width) or (height, width, channels)"),
        )
    if np.issubdtype(array.dtype, np.floating):
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise DataError(_("An image of floats must contain numbers from 0 to 1 only."))
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype != np.uint8:
        raise DataError(
            _("An array of {kind} is not an image.", kind=array.dtype),
            expected=_("expected whole numbers from 0 to 255 (uint8), or floats from 0 to 1"),
        )
    return array
