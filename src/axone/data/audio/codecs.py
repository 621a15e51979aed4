"""Decode compressed recordings: FLAC, Ogg, Opus and AIFF with the library soundfile, MP3, M4A and films with PyAV.

Both libraries are optional. Each decoder yields blocks, so that the memory does not grow with the recording.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float


class Decoder(NamedTuple):
    """A recording that is open for decoding."""

    rate: int  # frames in a second
    channels: int
    bits: int  # 0: not known
    format: str  # such as "FLAC", for people
    frames: int  # 0: not known before it is decoded
    blocks: Iterator[Float[np.ndarray, "frames channels"]]  # float32 from -1 to 1


def open_with_soundfile(path: Path) -> AbstractContextManager[Decoder]:
    """Open a FLAC, Ogg, Opus, AIFF, AU, CAF, W64 or MP3 file.

    Raises ResourceError when soundfile is not installed, AudioError when the file cannot be read.
    """
    raise NotImplementedError


def open_with_av(path: Path) -> AbstractContextManager[Decoder]:
    """Open the first sound track of an MP3, M4A, AAC, MP4, WebM or other file.

    Raises ResourceError when PyAV is not installed, AudioError when the file cannot be read.
    """
    raise NotImplementedError
