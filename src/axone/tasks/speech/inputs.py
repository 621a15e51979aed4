"""What a person asks about, as recordings of one rate: files, or samples in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.audio.decode.file import SUFFIXES, read_recording
from axone.data.audio.decode.resample import resample
from axone.errors import DataError
from axone.messages import _

LONGEST = 600.0  # seconds of a recording that is read for an answer


class Sound(NamedTuple):
    """Samples in memory, as `predict` takes them."""

    samples: Float[np.ndarray, " samples"]
    rate: int


def read_recording_inputs(source: Any) -> tuple[list[Any], bool]:
    """Return recordings as a list, and whether the source was a single one.

    Args:
        source: A file; a folder, of which all recordings are read; samples with one axis and their rate, (samples,
            rate); or a list of these.

    Raises DataError for an empty folder and for other values.
    """
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if path.is_dir():
            return _list_folder(path), False
        return [path], True
    if isinstance(source, tuple) and len(source) == 2 and isinstance(source[1], int):
        return [_read_samples(*source)], True
    if isinstance(source, Sequence) and not isinstance(source, bytes):
        return [item for each in source for item in read_recording_inputs(each)[0]], False
    raise DataError(
        _("A value of type {kind} is not a recording.", kind=type(source).__name__),
        expected=_("expected a file, or (samples, rate): samples from -1 to 1 and the samples per second"),
    )


def load_sound(source: Path | Sound, rate: int) -> Float[Tensor, " samples"]:
    """Return the samples of a recording at a rate, scaled to a largest magnitude of 1. Raises DataError."""
    if isinstance(source, Sound):
        samples = resample(torch.from_numpy(source.samples)[None], source.rate, rate)[0]
        return samples / samples.abs().max().clamp(min=1e-9)
    return torch.from_numpy(read_recording(source, rate, LONGEST).samples)


def _list_folder(path: Path) -> list[Path]:
    files = sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES and each.is_file())
    if not files:
        raise DataError(
            _("There are no recordings in '{path}'.", path=path),
            expected=_("expected files such as {suffixes}", suffixes=", ".join(SUFFIXES[:5])),
        )
    return files


def _read_samples(samples: Any, rate: int) -> Sound:
    array = np.asarray(samples.detach().cpu() if isinstance(samples, Tensor) else samples)
    if array.ndim != 1 or not len(array) or rate < 1 or array.dtype.kind not in "fiu":
        raise DataError(
            _("Samples have the shape {shape} and the rate {rate}.", shape=array.shape, rate=rate),
            expected=_("expected one axis of numbers and a rate of at least 1"),
        )
    values = array.astype(np.float32)
    if array.dtype.kind in "iu":
        values /= np.iinfo(array.dtype).max
    if not np.isfinite(values).all():
        raise DataError(_("The samples contain values that are no numbers (NaN or infinite)."))
    return Sound(values, rate)
