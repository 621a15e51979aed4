"""A data set of images in memory, X or (X, y), as bytes of one size with one scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int64, Num, UInt8
from PIL import Image
from torch import Tensor

from axone.data.images.decode.modes import to_gray_or_rgb
from axone.data.images.in_memory.item import read_pixel_values
from axone.data.images.in_memory.labels import encode_labels
from axone.data.images.in_memory.layout import move_channels_last, to_array
from axone.data.images.scale.choice import choose_scale, count_levels
from axone.data.images.scale.notes import describe_bytes, describe_scale
from axone.data.images.scale.sample import ValueSample
from axone.data.images.scale.scale import Scale, ScaleChoice, kind_of
from axone.data.images.scale.units import match_scale
from axone.errors import DataError
from axone.messages import _

Images = UInt8[np.ndarray, "samples height width channels"] | list[UInt8[np.ndarray, "_ _ _"]]

CHUNK = 64  # images that are scaled together: a copy of their values in double precision is made


@dataclass(frozen=True)
class InMemoryImages:
    """Images in memory, as unsigned bytes, and the class of each.

    Args:
        images: Each (height, width, channels), of one size or of several.
        labels: The class of each.
        classes: The names of the classes.
        scale: The scale by which their values became bytes; None: they had 8 bits.
        notes: Sentences for people.
        is_whole: Whether they are a data set from which a test set may be held out; False: all are to be trained on.
        weights: How often each is drawn for training, relative to the others; None: all alike.
    """

    images: Images
    labels: Int64[np.ndarray, " samples"]
    classes: tuple[str, ...]
    scale: Scale | None = None
    notes: tuple[str, ...] = ()
    is_whole: bool = True
    weights: Float[np.ndarray, " samples"] | None = None


def are_images(source: Any) -> bool:
    """Return whether data in memory are images rather than the rows of a table: X, or (X, y)."""
    if isinstance(source, InMemoryImages | Image.Image):
        return True
    if isinstance(source, tuple) and len(source) == 2:
        source = source[0]
        if isinstance(source, list | tuple) and source and isinstance(source[0], str | Path):
            return True
    if isinstance(source, np.ndarray | Tensor):
        return source.ndim >= 3 or (source.dtype == object and source.ndim == 1 and are_images(list(source)))
    if isinstance(source, list | tuple) and source:
        first = source[0]
        return isinstance(first, Image.Image) or (isinstance(first, np.ndarray | Tensor) and first.ndim >= 2)
    return False


def collect_images(source: Any, *, labeled: bool = True, scale: Scale | ScaleChoice = "auto") -> InMemoryImages:
    """Return images in memory as bytes, with their classes.

    Args:
        source: (X, y), or X where no classes are needed. X is an array (images, height, width), (images, height,
            width, channels) or (images, channels, height, width); or a list of arrays, tensors, images of Pillow or
            paths, also of different sizes. Or `InMemoryImages`, which are returned.
        labeled: Whether classes are needed.
        scale: The scale of a run, or how it is chosen.

    Raises:
        DataError: These are not images, or not one class for each.
    """
    if isinstance(source, InMemoryImages):
        return source
    pixels, y = source if isinstance(source, tuple) and len(source) == 2 else (source, None)
    images, used, notes = to_byte_images(pixels, scale)
    if y is not None:
        labels, classes = encode_labels(y, len(images))
    elif labeled:
        raise DataError(
            _("The images have no classes."), expected=_("expected data=(X, y), with the class of each image in y")
        )
    else:
        labels, classes = np.zeros(len(images), np.int64), (_("images"),)
    if labeled and len(classes) < 2:
        raise DataError(
            _("All images have the same class: {name}.", name=classes[0]), expected=_("expected at least 2 classes")
        )
    return InMemoryImages(images, labels, classes, used, tuple(notes))


def to_byte_images(source: Any, scale: Scale | ScaleChoice = "auto") -> tuple[Images, Scale | None, list[str]]:
    """Return images as bytes with 1 or 3 channels, the scale that was used (None: they had 8 bits), and notes.

    `source` is the X of `collect_images`, and `scale` its scale. Raises DataError.
    """
    parts = _read_parts(source)
    above = [part for part in parts if kind_of(part) != "byte"]
    used, notes = (scale if isinstance(scale, Scale) else None), []
    if above and scale != "type":
        sample = ValueSample()
        for part in above:
            sample.add(part)
        levels = None
        if used is None:
            used = choose_scale(sample, has_bytes=len(above) < len(parts))
            levels = count_levels(used, sample)
        outside = sum(part.size * (match_scale(part, used) or used).share_outside(part) for part in above)
        byte_images = sum(len(part) for part in parts) - sum(len(part) for part in above)
        notes = describe_scale(used, levels, outside / sample.count, byte_images=byte_images)
    elif scale == "auto":
        notes = describe_bytes(min(int(part.min()) for part in parts), max(int(part.max()) for part in parts))
    sets = [_convert(part, used) for part in parts]
    images = sets[0] if _is_stacked(source) else [image for each in sets for image in each]
    if used is None or not above:
        return images, None, notes
    return images, replace(used, has_bytes=used.has_bytes and len(above) < len(parts)), notes


def _is_stacked(source: Any) -> bool:
    return isinstance(source, np.ndarray | Tensor) and source.dtype != object


def _read_parts(source: Any) -> list[Num[np.ndarray, "samples height width channels"]]:
    """Return the values of images in their own types: an array is one part, a list has a part for each image."""
    if _is_stacked(source):
        array = to_array(source)
        if array.ndim not in (3, 4):
            raise _not_a_set(array.shape)
        return [array[..., None] if array.ndim == 3 else move_channels_last(array)]
    if isinstance(source, Image.Image | str | Path | Mapping) or not hasattr(source, "__iter__"):
        raise DataError(
            _("A {kind} is not a set of images.", kind=type(source).__name__),
            expected=_("expected a list of images, or an array (images, height, width)"),
        )
    parts = []
    for number, image in enumerate(source):
        try:
            values = read_pixel_values(image)
        except DataError as error:
            error.what = _("Image {number} (counted from 0): {reason}", number=number, reason=error.what)
            raise
        parts.append(values[None, :, :, None] if values.ndim == 2 else values[None])
    if not parts:
        raise DataError(_("There are no images: the list is empty."))
    return parts


def _convert(
    values: Num[np.ndarray, "samples height width channels"], scale: Scale | None
) -> UInt8[np.ndarray, "samples height width colors"]:
    """Return values as bytes, gray or RGB, on white where transparent."""
    used = match_scale(values, scale)
    pixels = values
    if used is not None:
        starts = range(0, len(values), CHUNK)
        pixels = np.concatenate([used.to_bytes(values[start : start + CHUNK]) for start in starts])
    if pixels.shape[3] in (1, 3):
        return pixels
    opaque = [np.asarray(to_gray_or_rgb(Image.fromarray(np.ascontiguousarray(image)))[0]) for image in pixels]
    return np.stack([image[..., None] if image.ndim == 2 else image for image in opaque])


def _not_a_set(shape: tuple[int, ...]) -> DataError:
    side = math.isqrt(shape[1]) if len(shape) == 2 else 0
    return DataError(
        _("X has shape {shape}.", shape=shape),
        expected=_("expected (images, height, width), (images, height, width, channels) or "
                   "(images, channels, height, width)"),
        hint=_("for flattened images: X.reshape(-1, {side}, {side})", side=side) if side and side**2 == shape[1]
        else None,
    )  # fmt: skip
