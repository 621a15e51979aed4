"""Which axes of an array are height, width and channels.

Arrays of Pillow, matplotlib and scikit-image have the channels last, tensors of torchvision first. The axis is
recognized by its length; where both readings are possible, the shape that a network takes decides, or it is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped
from torch import Tensor

from axone.errors import DataError
from axone.messages import _

LAST, FIRST = (1, 2, 3, 4), (1, 3)  # numbers of channels: gray, gray with alpha, RGB, RGBA

InputShape = Sequence[int]
"""Channels, height and width of the images that a network takes, as `facts["input"]`."""


def move_channels_last(
    array: Shaped[np.ndarray, "*batch _ _ _"], expected: InputShape | None = None
) -> Shaped[np.ndarray, "*batch height width channels"]:
    """Return an image, or a batch of images, with its channels in the last axis.

    Args:
        array: (..., height, width, channels) or (..., channels, height, width).
        expected: The images that a network takes, which decide where both readings are possible.

    Raises:
        DataError: Neither or both of the first and the last of the three axes can be that of the channels.
    """
    shape = array.shape[-3:]
    last, first = shape[2] in LAST, shape[0] in FIRST
    if last and first:
        last, first = _decide(shape, expected)
    if last == first:
        raise _unclear(array.shape) if last else _no_image(array.shape)
    return array if last else np.moveaxis(array, -3, -1)


def is_batch(array: np.ndarray | Tensor, expected: InputShape | None = None, *, in_list: bool = False) -> bool:
    """Return whether an array with three or four axes, passed to `predict`, contains several images.

    Four axes are a batch. Three are one image where the last can be that of the channels, or where the first can:
    3 for a network that takes color images; 1 for a tensor, as torchvision's have it. Otherwise they are a batch of
    gray images.

    Args:
        array: What was passed.
        expected: The images that the network takes.
        in_list: Whether it is an element of a list, which is one image where it can be one.
    """
    if array.ndim != 3:
        return array.ndim == 4
    first, _middle, last = array.shape
    if last in (1, 3, 4):
        return False
    if first == 1:
        return not (in_list or isinstance(array, Tensor))
    return first != 3 or not (in_list or (expected is not None and expected[0] == 3))


def _decide(shape: Sequence[int], expected: InputShape | None) -> tuple[bool, bool]:
    """Return whether the channels are in the last axis, and whether in the first; both when it is not clear."""
    if expected is not None:
        readings = {"last": (shape[2], shape[0], shape[1]), "first": (shape[0], shape[1], shape[2])}
        for agrees in (lambda reading: reading == tuple(expected), lambda reading: reading[0] == expected[0]):
            agreeing = [name for name, reading in readings.items() if agrees(reading)]
            if len(agreeing) == 1:
                return agreeing == ["last"], agreeing == ["first"]
    return True, True


def _unclear(shape: tuple[int, ...]) -> DataError:
    return DataError(
        _("An array of shape {shape} is either (..., height, width, channels) or (..., channels, height, width).",
          shape=shape),
        hint=_("pass images of Pillow instead, for example: [PIL.Image.fromarray(image) for image in X]"),
    )  # fmt: skip


def _no_image(shape: tuple[int, ...]) -> DataError:
    return DataError(
        _("An array of shape {shape} is not an image.", shape=shape),
        expected=_("expected (height, width), (height, width, channels) or (channels, height, width)"),
    )


def to_array(values: Any) -> np.ndarray:
    """Return an array or a tensor of numbers as a NumPy array; truth values become the bytes 0 and 255.

    Raises:
        DataError: It has no numbers, no elements, or NaN and infinite values.
    """
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        values = (values.float() if values.is_floating_point() and values.itemsize == 2 else values).numpy()
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        array = np.zeros(1, object)
    if array.dtype == bool:
        array = array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind not in "uif":
        raise DataError(
            _("An array of {kind} is not an image.", kind=array.dtype),
            expected=_("expected numbers: uint8 from 0 to 255, or other integers or floats"),
        )
    if not array.size:
        raise DataError(_("An array of shape {shape} is empty.", shape=array.shape))
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        count = int(array.size - np.isfinite(array).sum())
        raise DataError(
            _("{count} of the {total} values of the images are NaN or infinite.", count=count, total=array.size),
            hint=_("replace them, for example with numpy.nan_to_num(X)"),
        )
    return array
