"""What a person passes to a system that reads images: paths and arrays, one or many, and their pixels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from axone.data.images.decode.file import read_scaled_image
from axone.data.images.folders.walk import describe_others, list_images
from axone.data.images.in_memory.item import ImageInput, prepare_image
from axone.data.images.in_memory.layout import InputShape, is_batch
from axone.data.images.scale.scale import read_scale
from axone.errors import DataError
from axone.messages import _


def read_inputs(inputs: Any, facts: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """Return the images in what was passed to `predict`, as a list, and whether it was a single one.

    A folder stands for all images in it and its subfolders, as training finds them, in the order of their names. Arrays
    with three or four axes are one image or a batch, see `is_batch`.
    """
    return _flatten(inputs, facts.get("input"), in_list=False)


def _flatten(inputs: Any, expected: InputShape | None, *, in_list: bool) -> tuple[list[Any], bool]:
    if isinstance(inputs, str | Path):
        path = Path(inputs)
        return (list_images(path)[0], False) if path.is_dir() else ([path], True)
    if isinstance(inputs, Image.Image):
        return [inputs], True
    if isinstance(inputs, np.ndarray | Tensor) and inputs.dtype != object:
        return (list(inputs), False) if is_batch(inputs, expected, in_list=in_list) else ([inputs], True)
    if not isinstance(inputs, Iterable) or isinstance(inputs, Mapping):
        raise DataError(
            _("A {kind} is not an image.", kind=type(inputs).__name__),
            expected=_("expected a path, an array, a tensor or an image of Pillow, or a list of them"),
        )
    return [image for item in inputs for image in _flatten(item, expected, in_list=True)[0]], False


def describe_left_out(inputs: Any) -> list[str]:
    """Say which files of a folder `read_inputs` passes over because they are no images by their names."""
    if not isinstance(inputs, str | Path) or not Path(inputs).is_dir():
        return []
    others = list_images(Path(inputs))[1]
    return [describe_others(others, Path(inputs))] if others else []


class InputImage(NamedTuple):
    """An image as a network takes it, and a note for people; empty where there is nothing to say."""

    pixels: UInt8[np.ndarray, "height width channels"]
    note: str = ""


def load_image(image: ImageInput, facts: Mapping[str, Any]) -> InputImage:
    """Return an image with the scale, the size and the channels of a run. Raises DataError."""
    if isinstance(image, str | Path):
        channels, height, width = facts["input"]
        scale = read_scale(facts.get("scale"))
        pixels, scaling = read_scaled_image(
            image, size=(height, width), channels=channels, fit=facts.get("fit", "crop"), scale=scale
        )
        return InputImage(pixels, scaling.note(scale))
    return InputImage(*prepare_image(image, facts))
