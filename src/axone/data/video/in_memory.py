"""Videos that were passed in memory: arrays or tensors of bytes, or of numbers from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import UInt8
from torch import Tensor

from axone.errors import DataError
from axone.messages import _

Video = UInt8[np.ndarray, "frames height width 3"]


def is_video(source: Any) -> bool:
    """Return whether data in memory are frames: an array of three axes or more, or a list of such arrays."""
    if isinstance(source, Sequence) and not isinstance(source, str):
        return len(source) > 0 and all(is_video(one) for one in source)
    return isinstance(source, np.ndarray | Tensor) and source.ndim >= 3


def collect_videos(source: Any, every: int = 1) -> dict[str, Video]:
    """Return videos by name, in color.

    Args:
        source: One video, (frames, height, width) or (frames, height, width, channels), or several: a list of them,
            or an array (videos, frames, height, width, channels). Values are bytes, or numbers from 0 to 1.
        every: 1: all frames; n: every n-th one.

    Raises DataError for anything else, and for numbers that are not finite.
    """
    is_list = isinstance(source, Sequence) and not isinstance(source, str)
    is_array = isinstance(source, np.ndarray | Tensor) and source.ndim == 5
    listed = [to_video(one) for one in source] if is_list or is_array else [to_video(source)]
    if not listed:
        raise DataError(_("There are no videos in an empty list."))
    return {f"{number}": video[::every] for number, video in enumerate(listed)}


def to_video(source: Any) -> Video:
    """Return one video in color. Raises DataError."""
    array = source.detach().cpu().numpy() if isinstance(source, Tensor) else np.asarray(source)
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[-1] not in (1, 3) or array.dtype.kind not in "uif" or not array.size:
        raise DataError(
            _("An array of shape {shape} is not a video.", shape=tuple(array.shape)),
            expected=_("expected (frames, height, width) or (frames, height, width, channels), with 1 or 3 channels"),
        )
    if array.dtype != np.uint8:
        low, high = float(array.min()), float(array.max())
        if not (np.isfinite(low) and np.isfinite(high)):
            raise DataError(_("The values of the frames are not all finite."))
        if low < 0 or high > (1 if array.dtype.kind == "f" else 255):
            raise DataError(
                _("The values of the frames are from {low} to {high}.", low=low, high=high),
                expected=_("expected bytes from 0 to 255, or numbers from 0 to 1"),
            )
        array = (array * 255).round() if array.dtype.kind == "f" else array
        array = array.astype(np.uint8)
    return np.repeat(array, 3, -1) if array.shape[-1] == 1 else array
