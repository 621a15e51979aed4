"""One image in memory, an array, a tensor or an image of Pillow, with the values and the shape that a network takes.

The steps are those of `decode/file.py`: the network gets the same pixels from an array and from a file of an image.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Num, UInt8
from PIL import Image
from torch import Tensor

from axone.data.images.decode.file import open_image, to_input
from axone.data.images.decode.modes import to_gray_or_rgb
from axone.data.images.in_memory.layout import InputShape, move_channels_last, to_array
from axone.data.images.scale.scale import Scale, read_scale
from axone.data.images.scale.units import Scaling, scale_like_training
from axone.data.images.scale.values import has_more_than_bytes, read_values
from axone.errors import DataError
from axone.messages import _

ImageInput = str | Path | np.ndarray | Tensor | Image.Image
"""What is accepted as one image."""


def read_pixel_values(image: ImageInput, expected: InputShape | None = None) -> Num[np.ndarray, "height width *color"]:
    """Return the values of an image in their own type: (height, width), or (height, width, 2 to 4 channels).

    Args:
        image: A path, an image of Pillow, or an array or tensor (height, width), (height, width, channels) or
            (channels, height, width).
        expected: Channels, height and width that a network takes, which decide where the axis of the channels is not
            clear.

    Raises:
        DataError: It is not an image.
    """
    if isinstance(image, str | Path):
        image = open_image(image)
    if isinstance(image, Image.Image):
        return read_values(image) if has_more_than_bytes(image) else np.asarray(to_gray_or_rgb(image)[0])
    array = to_array(image)
    if array.ndim == 3:
        array = move_channels_last(array, expected)
        return array[:, :, 0] if array.shape[2] == 1 else array
    if array.ndim != 2:
        raise DataError(
            _("An array of shape {shape} is not an image.", shape=array.shape),
            expected=_("expected (height, width), (height, width, channels) or (channels, height, width)"),
        )
    return array


def to_byte_image(values: Num[np.ndarray, "height width *color"], scale: Scale | None) -> tuple[Image.Image, Scaling]:
    """Return values as an image of mode L or RGB, on white where transparent, and how they became bytes.

    Args:
        values: As `read_pixel_values` returns them.
        scale: The scale of the run, see `scale_like_training`.
    """
    pixels, scaling = scale_like_training(values, scale)
    return to_gray_or_rgb(Image.fromarray(np.ascontiguousarray(pixels)))[0], scaling


def prepare_image(
    image: np.ndarray | Tensor | Image.Image, facts: Mapping[str, Any]
) -> tuple[UInt8[np.ndarray, "height width channels"], str]:
    """Return an image in memory with the scale, size and channels that a network was trained on, and a note.

    Args:
        image: An image of Pillow, or an array (height, width), (height, width, channels) or (channels, height, width).
        facts: The facts of the run, with `input`: [channels, height, width].

    Raises:
        DataError: The array has another shape or kind.
    """
    channels, height, width = facts["input"]
    scale = read_scale(facts.get("scale"))
    converted, scaling = to_byte_image(read_pixel_values(image, facts["input"]), scale)
    return to_input(converted, size=(height, width), channels=channels, fit=facts.get("fit", "crop")), scaling.note(
        scale
    )
