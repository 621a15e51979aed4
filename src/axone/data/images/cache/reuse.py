"""Take over from the pack of an earlier state of a folder what is still the same: ten new pictures cost ten decodings.

A file with the same name, size and times is taken to be the same; one with other times is read, and decoded only
when its content (its sha256) is another. What is damaged in the earlier pack is decoded anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from axone.data.images.cache.admin import list_states
from axone.data.images.cache.decoding import DecodingJob, write_all
from axone.data.images.cache.format import DamagedCacheError, ImageCache, decoder_version, open_cache, read_files
from axone.data.images.listing import Listing


def find_previous(folder: Path, listing: Listing, work: DecodingJob) -> PreviousCache | None:
    """Find the last whole pack of another state whose pictures are of the same shape and from the same decoder."""
    wanted = (work.side, work.channels, decoder_version())
    for other in list_states(folder.parent):
        try:
            pack = open_cache(other)
            if other != folder and (pack.side, pack.channels, pack.decoder) == wanted:
                return PreviousCache(pack, listing, work)
        except (FileNotFoundError, DamagedCacheError):
            continue
    return None


class PreviousCache:
    """The pack of an earlier state of the same folder, as far as it is of use for the next one."""

    def __init__(self, pack: ImageCache, listing: Listing, work: DecodingJob) -> None:
        self.pack, self.listing, self.work = pack, listing, work
        self.rows = read_files(pack.folder)
        self.pixels = pack.mapped().numpy()

    def take_over(self, table: np.ndarray, skipped: dict[int, str]) -> set[int]:
        """Copy what belongs to files that are as they were; return their rows in the new pack."""
        unchanged = []
        for row, file in enumerate(self.listing.files):
            old, status = self.rows.get(file.name, (-1, []))
            if file.size >= 0 and status == [file.size, file.modified, file.changed]:
                unchanged.append(row)
                if old in self.pack.skipped:
                    skipped[row] = self.pack.skipped[old]
        return self.copy(unchanged, table) | set(skipped)

    def content(self, row: int) -> str | None:
        """Return the sha256 that a new row's file had, if it was a picture."""
        old = self._row(row)
        return None if old is None else self.pack.table["content"][old].tobytes().hex()

    def copy(self, rows: Sequence[int], table: np.ndarray) -> set[int]:
        """Copy pictures with what was counted of them; return the rows of those that are sound."""
        copied = set()
        with Path(self.work.pixels).open("r+b", buffering=0) as file:
            for row in rows:
                old = self._row(row)
                if old is not None:
                    table[row] = self.pack.table[old]
                    file.seek(row * self.work.row_bytes)
                    write_all(file, self.pixels[old])
                    copied.add(row)
        return copied

    def _row(self, row: int) -> int | None:
        """Return where the old pack has a new row's file, if there is a sound picture."""
        old, _status = self.rows.get(self.listing.files[row].name, (-1, []))
        if old < 0 or not self.pack.table["usable"][old] or self.pack.differs(old, self.pixels[old]):
            return None
        return old
