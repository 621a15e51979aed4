"""What a person passes to a system that reads images: paths and arrays, one or many, and their pixels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from torch import Tensor

from axone.data.images.array import prepare_image
from axone.data.images.file import read_image
from axone.data.images.walk import describe_others, list_images


def read_inputs(inputs: Any, facts: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """Return the images in what was passed to `predict`, as a list, and whether it was a single one.

    A folder stands for all images in it and its subfolders, as training finds them, in the order of their names. An
    array with four axes, or with three of which the last is not a number of channels (1, 3 or 4), is a batch.
    """
    if isinstance(inputs, str | Path):
        path = Path(inputs)
        return (list_images(path)[0], False) if path.is_dir() else ([path], True)
    if isinstance(inputs, np.ndarray | Tensor):
        is_batch = inputs.ndim == 4 or (inputs.ndim == 3 and inputs.shape[-1] not in (1, 3, 4))
        return (list(inputs), False) if is_batch else ([inputs], True)
    return [image for item in inputs for image in read_inputs(item, facts)[0]], False


def describe_left_out(inputs: Any) -> list[str]:
    """Say which files of a folder `read_inputs` passes over because they are no images by their names."""
    if not isinstance(inputs, str | Path) or not Path(inputs).is_dir():
        return []
    others = list_images(Path(inputs))[1]
    return [describe_others(others, Path(inputs))] if others else []


def load_pixels(
    image: str | Path | np.ndarray | Tensor, facts: Mapping[str, Any]
) -> UInt8[np.ndarray, "height width channels"]:
    """Return the pixels of a file or an array in the size and the channels of the network. Raises DataError."""
    if isinstance(image, str | Path):
        channels, height, width = facts["input"]
        return read_image(image, size=(height, width), channels=channels, fit=facts.get("fit", "crop"))
    return prepare_image(image, facts)
