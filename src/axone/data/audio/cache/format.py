"""The cache of a data set of recordings, a folder with three files.

samples.i16   all samples, one recording after the other
rows.json     what is known of each recording, and the files that were skipped
cache.json    facts for `axone data`
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from axone.data.audio.recordings import Recordings
from axone.data.memory import max_bytes_read
from axone.errors import DataError

SAMPLES, ROWS = "samples.i16", "rows.json"


@dataclass(frozen=True)
class Row:
    """What is known of a recording.

    Args:
        name: Of its file, for people.
        length: Its number of samples.
        hash: 32 hexadecimal digits of its samples.
        source: Its number in the list of files from which the cache was written.
        target: The class or transcript of a generated recording.
        group: The group, such as the voice, of a generated recording.
        format, rate, channels, bits: Of its file.
        clipped: Whether its level was too high.
        replaced: Samples that were no numbers.
    """

    name: str
    length: int
    hash: str
    source: int = 0
    target: str = ""
    group: str = ""
    format: str = ""
    rate: int = 0
    channels: int = 1
    bits: int = 0
    clipped: bool = False
    replaced: int = 0


@dataclass(frozen=True)
class AudioCache:
    """The content of a cache: the recordings, a row for each, and the files that were skipped with their reasons."""

    recordings: Recordings
    rows: tuple[Row, ...]
    skipped: tuple[tuple[str, str], ...]
    too_long: tuple[str, ...]  # the names of those of the skipped files that are only too long


def open_cache(folder: Path) -> AudioCache | None:
    """Return the cache in a folder; None where it is missing or damaged."""
    try:
        content = json.loads((folder / ROWS).read_text("utf-8"))
        known = {field.name for field in fields(Row)}
        rows = tuple(Row(**{key: value for key, value in row.items() if key in known}) for row in content["rows"])
        bounds = np.cumsum([0, *(row.length for row in rows)], dtype=np.int64)
        path = folder / SAMPLES
        size = path.stat().st_size
        if size != 2 * bounds[-1]:
            return None
        if size == 0:
            samples = np.zeros(0, np.int16)
        elif size <= max_bytes_read():
            samples = np.fromfile(path, "<i2")
        else:
            samples = np.memmap(path, "<i2", "r")
        skipped = tuple((name, reason) for name, reason in content["skipped"])
        too_long = tuple(content["too_long"])
        hashes = np.frombuffer(bytes.fromhex("".join(row.hash for row in rows)), np.uint8).reshape(-1, 16)
    except (OSError, ValueError, KeyError, TypeError, DataError):
        return None
    names = tuple(row.name for row in rows)
    recordings = Recordings(samples, bounds[:-1], bounds[1:], int(content["rate"]), names, hashes)
    return AudioCache(recordings, rows, skipped, too_long)
