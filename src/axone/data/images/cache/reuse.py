"""Reuse what did not change since the cache of a previous state of a folder: ten new images cost ten decodings.

A file with the same name, size and times is assumed to be the same. A file with other times is read, and decoded only
if its content (its sha256) differs. Images that are damaged in the previous cache are decoded again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from axone.data.images.cache.admin import list_states
from axone.data.images.cache.decoding import DecodingJob, write_all
from axone.data.images.cache.format import DamagedCacheError, ImageCache, decoder_version, open_cache, read_files
from axone.data.images.folders.listing import Listing
from axone.data.images.scale.scale import read_scale


def find_previous(folder: Path, listing: Listing, job: DecodingJob) -> PreviousCache | None:
    """Return the last complete cache of another state with the same shape, scale and decoder."""
    expected = (job.height, job.width, job.channels, job.fit, read_scale(job.scale), decoder_version())
    for other in list_states(folder.parent):
        try:
            cache = open_cache(other)
            if other != folder and (*cache.shape, cache.fit, cache.scale, cache.decoder) == expected:
                return PreviousCache(cache, listing, job)
        except (FileNotFoundError, DamagedCacheError):
            continue
    return None


class PreviousCache:
    """The cache of a previous state of the same folder."""

    def __init__(self, cache: ImageCache, listing: Listing, job: DecodingJob) -> None:
        self.cache, self.listing, self.job = cache, listing, job
        self.rows = read_files(cache.folder)
        self.pixels = cache.map_pixels().numpy()

    def copy_unchanged(self, table: np.ndarray, skipped: dict[int, str]) -> set[int]:
        """Copy the images of unchanged files into the new cache; return their rows."""
        unchanged = []
        for row, file in enumerate(self.listing.files):
            old, status = self.rows.get(file.name, (-1, []))
            if file.size >= 0 and status == [file.size, file.modified, file.changed]:
                unchanged.append(row)
                if old in self.cache.skipped:
                    skipped[row] = self.cache.skipped[old]
        return self.copy(unchanged, table) | set(skipped)

    def content_sha256(self, row: int) -> str | None:
        """Return the sha256 that the file of a new row had, if it was an image."""
        old = self._old_row(row)
        return None if old is None else self.cache.table["content"][old].tobytes().hex()

    def copy(self, rows: Sequence[int], table: np.ndarray) -> set[int]:
        """Copy images with their records; return the rows of those that are intact."""
        copied = set()
        with Path(self.job.pixels).open("r+b", buffering=0) as file:
            for row in rows:
                old = self._old_row(row)
                if old is not None:
                    table[row] = self.cache.table[old]
                    file.seek(row * self.job.row_bytes)
                    write_all(file, self.pixels[old])
                    copied.add(row)
        return copied

    def _old_row(self, row: int) -> int | None:
        """Return the row of the previous cache with the file of a new row, if its image is intact."""
        old, _status = self.rows.get(self.listing.files[row].name, (-1, []))
        if old < 0 or not self.cache.table["usable"][old] or self.cache.differs(old, self.pixels[old]):
            return None
        return old
