"""Read one recording from a file: any format, rate and number of channels, as samples of one channel at one rate.

The content decides the format, never the name. Samples become float32, are mixed down to one channel by their mean,
resampled block by block, and scaled so that their largest magnitude is 1 (features do not depend on the level). The
memory is bounded: a recording that is longer than the limit is refused from its header, or while it is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from axone.errors import DataError
from axone.messages import _

SUFFIXES = (".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".au", ".mp3", ".m4a", ".aac", ".mp4",
            ".webm", ".mkv", ".mka", ".mov", ".wma")  # fmt: skip
CLIPPED = 0.01  # fraction of samples at the largest magnitude above which a recording is called clipped
SILENT = 10 ** (-90 / 20)  # a recording whose largest magnitude is below this has nothing to hear
LONGEST = 60.0  # seconds of a recording for training, where no other limit is set


class AudioError(DataError):
    """A file that is not a usable recording; `reason` says why, without the name of the file."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(_("'{path}' cannot be used: {reason}.", path=path, reason=reason))
        self.reason = reason


class FileInfo(NamedTuple):
    """What a file says of its recording."""

    format: str  # such as "WAV", for people
    rate: int  # frames in a second
    channels: int
    bits: int  # 0: not known
    frames: int  # 0: not known before it is decoded


class Recording(NamedTuple):
    """A decoded recording."""

    samples: Float[np.ndarray, " samples"]  # float32; the largest magnitude is 1
    rate: int  # of `samples`
    info: FileInfo
    peak: float  # the largest magnitude before it was scaled to 1
    clipped: bool  # whether many samples are at the largest magnitude
    replaced: int  # the number of samples that were NaN or infinite and became 0


def read_info(path: Path) -> FileInfo:
    """Return what a file says of its recording, without decoding it. Raises as `read_recording` does."""
    raise NotImplementedError


def read_recording(path: Path | str, rate: int | None = None, longest: float = LONGEST) -> Recording:
    """Decode a recording.

    Args:
        path: The file.
        rate: The rate of the samples; None: that of the file.
        longest: The limit of its length in seconds.

    Raises:
        AudioError: It is no recording, damaged, longer than the limit, silent, or without samples.
        ResourceError: It may not be read, or a library for its format is not installed.
    """
    raise NotImplementedError


def read_blocks(path: Path | str, rate: int, seconds: float = 30.0) -> Iterator[Float[np.ndarray, " samples"]]:
    """Yield a recording of any length at a rate, a number of seconds at a time, without scaling. Raises as above."""
    raise NotImplementedError
