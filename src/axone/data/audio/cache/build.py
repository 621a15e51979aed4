"""Build the cache of a data set of recordings: each file is decoded once, each synthetic voice speaks once.

The folder is renamed into its place when it is complete. Memory does not grow with the number of recordings, because
each is written as soon as it is decoded.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict
from io import BufferedIOBase
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from jaxtyping import Float

from axone.data.audio.cache.admin import audio_caches_folder
from axone.data.audio.cache.format import ROWS, SAMPLES, AudioCache, Row, open_cache
from axone.data.audio.recordings import to_integers
from axone.data.datasets.download import storage_error
from axone.data.images.cache.admin import FACTS, LOCK, TEMPORARY

VERSION = 1  # of the format, and of what decoding computes


class CacheWriter:
    """Writes recordings into a cache that is being built."""

    def __init__(self, samples: BufferedIOBase) -> None:
        self._samples = samples
        self.rows: list[Row] = []
        self.skipped: list[tuple[str, str]] = []
        self.too_long: list[str] = []

    def add(self, name: str, samples: Float[np.ndarray, " samples"], **facts: Any) -> None:
        """Add a recording, scaled to its largest magnitude; `facts` are further fields of its `Row`."""
        peak = float(np.abs(samples).max(initial=0.0))
        integers = to_integers(samples / peak if peak else samples)
        self._samples.write(integers.astype("<i2").tobytes())
        digest = hashlib.blake2b(integers.tobytes(), digest_size=16).hexdigest()
        self.rows.append(Row(name, len(integers), digest, **facts))

    def skip(self, name: str, reason: str, *, is_too_long: bool = False) -> None:
        """Record that a file was not used."""
        self.skipped.append((name, reason))
        if is_too_long:
            self.too_long.append(name)


def ensure_cache(
    name: str, options: object, state: object, rate: int, build: Callable[[CacheWriter], None]
) -> AudioCache:
    """Return a cache; build it unless it is there and complete.

    Args:
        name: What it is made of, for people: a folder, a file, or the name of a generated data set.
        options: How it is made: another value has another cache.
        state: What the files are now, such as their sizes and times: a cache of another state is replaced.
        rate: The sampling rate of the samples in Hz.
        build: Adds all recordings to the writer.

    Raises ResourceError when the cache cannot be written, and what `build` raises.
    """
    place = audio_caches_folder() / _digest([VERSION, name, options, rate])
    folder = place / _digest(state)
    try:
        place.mkdir(parents=True, exist_ok=True)
        with FileLock(place / LOCK):  # without a time limit: whoever holds it is alive and decodes
            if (cache := open_cache(folder)) is not None:
                return cache
            return _build(place, folder, name, rate, build)
    except OSError as error:
        raise storage_error(error, place / SAMPLES, 0) from None


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, default=str).encode(), digest_size=12).hexdigest()


def _build(place: Path, folder: Path, name: str, rate: int, build: Callable[[CacheWriter], None]) -> AudioCache:
    for old in place.iterdir():  # of another state, or of a process that was killed
        if old.is_dir():
            shutil.rmtree(old, ignore_errors=True)
    temporary = place / (TEMPORARY + secrets.token_hex(8))
    temporary.mkdir()
    try:
        with (temporary / SAMPLES).open("wb") as samples:
            writer = CacheWriter(samples)
            build(writer)
        rows = {"rate": rate, "rows": [asdict(row) for row in writer.rows], "skipped": writer.skipped,
                "too_long": writer.too_long}  # fmt: skip
        (temporary / ROWS).write_text(json.dumps(rows), "utf-8")
        facts = {"source": name, "recordings": len(writer.rows), "rate": rate,
                 "seconds": sum(row.length for row in writer.rows) / rate}  # fmt: skip
        (temporary / FACTS).write_text(json.dumps(facts), "utf-8")
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    cache = open_cache(folder)
    assert cache is not None
    return cache
