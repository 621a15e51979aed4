"""A file that may be a recording, as a folder or a table lists it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class AudioFile(NamedTuple):
    """A file that may be a recording."""

    path: Path
    name: str  # for people: relative to the folder of the data, with "/" between folders
    target: str  # its class or its transcript
    split: str = ""  # "train", "validation", "test"; "" where the data do not say
    group: str = ""  # such as its speaker; "" where there are no groups


def read_status(path: Path) -> tuple[int, int]:
    """Return the size and the time of the last change of a file; (-1, 0) where it cannot be read."""
    try:
        status = os.stat(path)  # noqa: PTH116 - faster for many files
    except OSError:
        return -1, 0
    return status.st_size, status.st_mtime_ns
