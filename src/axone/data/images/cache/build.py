"""Make the pack of a folder, or find it made: decode each picture once, whatever happens meanwhile.

Two processes that want the same pack make it once (a lock, which the operating system releases when its holder
dies). Memory does not grow with the pictures: workers write their pixels into the file, row by row.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
from filelock import FileLock

from axone.data.datasets.download import FULL, storage_error
from axone.data.images.cache.admin import FACTS, LOCK, TEMPORARY, list_states
from axone.data.images.cache.decoding import DecodingJob, record_dtype
from axone.data.images.cache.format import (
    FILES,
    PIXELS,
    SUMS,
    TABLE,
    DamagedCacheError,
    ImageCache,
    cache_path,
    decoder_version,
    files_json,
    folder_state,
    open_cache,
)
from axone.data.images.cache.reuse import find_previous
from axone.data.images.cache.workers import decode_all, make_tasks
from axone.data.images.file import Header, ImageError, printable_path, read_header
from axone.data.images.listing import Listing
from axone.errors import ResourceError
from axone.messages import _
from axone.numbers import megabytes

SMALLEST_SIDE, LARGEST_SIDE = 8, 224  # of the common size, when the user names none
SAMPLE = 2000  # pictures whose headers suggest the common size

Progress = Callable[[int, int], None]


def ensure_cache(listing: Listing, size: int | None, channels: int | None, progress: Progress | None) -> ImageCache:
    """Return the pack of a folder, making it when there is none that is whole and of the folder's present state.

    `size` None: the median of the shorter sides, between 8 and 224, of 2,000 pictures evenly taken from the
    list (all of them where there are fewer). `channels` None: 1 when all are gray, else 3. `progress(done,
    total)` counts pictures. Raises ResourceError when the cache cannot be written or a file not be read.
    """
    place = cache_path(listing.root, size, channels)
    folder = place / folder_state(listing.files)
    try:
        return open_cache(folder)
    except (FileNotFoundError, DamagedCacheError):
        pass
    try:
        place.mkdir(parents=True, exist_ok=True)
        with FileLock(place / LOCK):  # for as long as it takes: its holder is alive and at work
            try:
                return open_cache(folder)  # another process may have made it while this one waited
            except (FileNotFoundError, DamagedCacheError):
                return _make(place, folder, listing, size, channels, progress)
    except NotImplementedError:
        raise ResourceError(
            _("The disk of '{folder}' has no file locks.", folder=place),
            hint=_("Set AXONE_CACHE to a folder on a local disk."),
        ) from None
    except OSError as error:
        raise _storage_error(error, place, 0) from error


def _make(
    place: Path,
    folder: Path,
    listing: Listing,
    size: int | None,
    channels: int | None,
    progress: Progress | None,
) -> ImageCache:
    """Decode into a folder of a temporary name, then give it its own. The caller holds the lock."""
    for left in place.glob(TEMPORARY + "*"):  # of a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    side, depth = _shape(listing, size, channels)
    temporary = place / (TEMPORARY + secrets.token_hex(8))
    needed = len(listing.files) * side * side * depth
    try:
        temporary.mkdir()
        try:
            _fill(temporary, folder, listing, side, depth, channels is None, progress)
        except _ColorError:  # all that were asked before are gray
            depth, needed = 3, 3 * needed
            _fill(temporary, folder, listing, side, depth, False, progress)
        _complete(temporary, listing)
        shutil.rmtree(folder, ignore_errors=True)  # a damaged one
        temporary.rename(folder)
        _flush(place)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise _storage_error(error, place, needed) from error
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    for other in list_states(place):
        if other != folder:  # while a training still maps it, Windows keeps it until the next time
            shutil.rmtree(other, ignore_errors=True)
    return open_cache(folder)


class _ColorError(Exception):
    """A picture in color among those that were taken for gray ones."""


def _fill(
    temporary: Path, folder: Path, listing: Listing, side: int, depth: int, gray: bool, progress: Progress | None
) -> None:
    """Write pixels, table and facts. Raises _ColorError when `depth` is 1 only because all seemed `gray`."""
    files = listing.files
    path = temporary / PIXELS
    work = DecodingJob(str(listing.root), str(path), side, depth)
    _require_space(temporary, len(files) * work.row_bytes)
    table = np.zeros(len(files), record_dtype(depth))
    skipped: dict[int, str] = {}
    with path.open("wb") as pixels:
        pixels.truncate(len(files) * work.row_bytes)
    before = find_previous(folder, listing, work)
    done = before.take_over(table, skipped) if before else set()
    rows = [row for row in range(len(files)) if row not in done]
    known = [before.content(row) if before else None for row in rows]
    todo = make_tasks(rows, [files[row].name for row in rows], known, [files[row].size for row in rows])
    count = len(files) - len(rows)
    with closing(decode_all(work, todo)) as answers:
        for task, answer in answers:
            table[np.asarray(task.rows)] = answer.records
            skipped |= answer.reasons
            if before:
                before.copy(answer.same, table)
            count += len(task.rows)
            if gray and depth == 1 and table["color"][np.asarray(task.rows)].any():
                raise _ColorError
            if progress:
                progress(count, len(files))
    (temporary / TABLE).write_bytes(table.tobytes())
    facts = {
        "folder": printable_path(os.path.realpath(listing.root)),
        "pictures": int(table["usable"].sum()),
        "side": side,
        "channels": depth,
        "decoder": decoder_version(),
        "skipped": {str(row): skipped[row] for row in sorted(skipped)},
    }
    (temporary / FACTS).write_text(json.dumps(facts), "utf-8")


def _complete(temporary: Path, listing: Listing) -> None:
    """Write the rest and bring all of it to the disk."""
    (temporary / FILES).write_bytes(files_json(listing.files))
    names = (TABLE, FILES, FACTS)
    sums = [f"{hashlib.sha256((temporary / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (temporary / SUMS).write_text("".join(sums), "utf-8")
    for name in (PIXELS, *names, SUMS):
        _flush(temporary / name)
    _flush(temporary)


def _shape(listing: Listing, size: int | None, channels: int | None) -> tuple[int, int]:
    """Return side and channels: those asked for, else what a sample suggests (1 channel may prove too few)."""
    if size and channels:
        return size, channels
    count = len(listing.files)
    chosen = np.unique(np.linspace(0, max(count - 1, 0), min(count, SAMPLE)).round().astype(int)).tolist()

    def header(row: int) -> Header | None:
        try:
            return read_header(listing.root / listing.files[row].name)
        except ImageError:
            return None  # it is told when it is decoded

    with ThreadPoolExecutor(8) as pool:
        headers = [found for found in pool.map(header, chosen) if found]
    shorter = [min(found.width, found.height) for found in headers] or [SMALLEST_SIDE]
    side = size or min(max(round(statistics.median(shorter)), SMALLEST_SIDE), LARGEST_SIDE)
    return side, channels or max((found.channels for found in headers), default=1)


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise _too_little(folder, needed, free)


def _too_little(folder: Path, needed: int, free: int) -> ResourceError:
    return ResourceError(
        _("The decoded pictures need {needed} of disk, in '{path}'.", needed=megabytes(needed), path=folder.parent),
        expected=_("{free} are free", free=megabytes(free)),
        hint=_("Free some space, set AXONE_CACHE to a folder on another disk, or use a smaller --image-size."),
    )


def _storage_error(error: OSError, place: Path, needed: int) -> ResourceError:
    if error.errno in FULL and place.is_dir():
        return storage_error(error, place / PIXELS, needed)
    return ResourceError(
        _("The cache folder '{path}' cannot be used: {reason}.", path=place, reason=error.strerror or error),
        hint=_("Set AXONE_CACHE to a folder that you may write."),
    )


def _flush(path: Path) -> None:
    """Bring a file, or a folder's list of names, down to the disk."""
    if path.is_dir() and os.name == "nt":
        return  # folders cannot be opened there
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
