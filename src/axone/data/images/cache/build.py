"""Build the cache of a folder, or find it: each image is decoded once, even if a process is killed or the disk is full.

Two processes that need the same cache build it once: they take a lock, which the operating system releases when its
holder dies. Memory does not grow with the number of images: workers write pixels into the file, row by row.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from filelock import FileLock

from axone.data.datasets.download import DISK_FULL, storage_error
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
from axone.data.images.cache.shape import as_pair, infer_shape, sample_headers
from axone.data.images.cache.value_range import FolderScale, find_scale
from axone.data.images.cache.workers import decode_all, make_tasks
from axone.data.images.decode.fit import Fit, Size
from axone.data.images.folders.listing import Listing
from axone.data.images.scale.scale import Scale, ScaleChoice
from axone.data.paths import printable_path
from axone.errors import ResourceError
from axone.messages import _
from axone.numbers import format_bytes
from axone.progress import Progress, ignore_progress


def ensure_cache(
    listing: Listing,
    size: Size | int | None,
    channels: int | None,
    fit: Fit = "crop",
    scale: Scale | ScaleChoice = "auto",
    progress: Progress = ignore_progress,
) -> ImageCache:
    """Return the cache of a folder; build it unless there is a complete one of the folder's present state.

    Args:
        listing: The files of the folder.
        size: The side of the images, or (height, width). None: that which `shape.py` finds in 2,000 images taken
            evenly from the list (all of them where there are fewer).
        channels: 1 or 3. None: 1 when all images are gray, else 3.
        fit: How images are resized.
        scale: The scale of images of more than 8 bits, or how it is chosen.
        progress: Counts images.

    Raises:
        ResourceError: The cache cannot be written, or a file cannot be read.
    """
    state = folder_state(listing.files)
    place = cache_path(listing.root, size, channels, fit, scale)
    folder = place / state
    for path in (folder, *_list_equivalents(listing, state, size, channels, fit, scale)):
        try:
            cache = open_cache(path)
        except (FileNotFoundError, DamagedCacheError):
            continue
        if path == folder:
            return cache
        if size is not None and cache.shape == (*as_pair(size), channels) and _has_scale(cache, scale):
            return cache
    try:
        place.mkdir(parents=True, exist_ok=True)
        with FileLock(place / LOCK):  # without a time limit: whoever holds it is alive and decodes
            try:
                return open_cache(folder)  # another process may have built it while this one waited
            except (FileNotFoundError, DamagedCacheError):
                return _build(place, folder, listing, size, channels, fit, scale, progress)
    except NotImplementedError:
        raise ResourceError(
            _("The disk of '{folder}' has no file locks.", folder=place),
            hint=_("Set AXONE_CACHE to a folder on a local disk."),
        ) from None
    except OSError as error:
        raise _storage_error(error, place, 0) from error


def _list_equivalents(
    listing: Listing,
    state: str,
    size: Size | int | None,
    channels: int | None,
    fit: Fit,
    scale: Scale | ScaleChoice,
) -> list[Path]:
    """List the caches that would be the same if what they inferred is what is set here: a run read its own that way."""
    if size is None or channels is None:
        return []
    requests: list[tuple[Size | int | None, int | None]] = [(None, None), (None, channels), (size, None)]
    if len(set(sides := as_pair(size))) == 1:
        requests.append((sides[0], None))
    return [
        cache_path(listing.root, *request, fit, each) / state
        for each in dict.fromkeys([scale, "auto", *_with_bytes(scale)])
        for request in [*requests, (size, channels)]
    ]


def _has_scale(cache: ImageCache, scale: Scale | ScaleChoice) -> bool:
    """Return whether the pixels of a cache are those that a scale gives."""
    above = cache.table["above_8_bits"]
    if not isinstance(scale, Scale):
        return scale == "auto" or not above.any() or cache.scale is None
    has_bytes = bool((cache.table["usable"] & ~above).any())
    return cache.scale == scale or (cache.scale in _with_bytes(scale) and not has_bytes)


def _with_bytes(scale: Scale | ScaleChoice) -> list[Scale]:
    """Return a scale as a setting requests it; the run then knows whether there were images of 8 bits."""
    return [replace(scale, has_bytes=True)] if isinstance(scale, Scale) else []


def _build(
    place: Path,
    folder: Path,
    listing: Listing,
    size: Size | int | None,
    channels: int | None,
    fit: Fit,
    scale: Scale | ScaleChoice,
    progress: Progress,
) -> ImageCache:
    """Build a cache in a temporary folder, then rename it. The caller holds the lock."""
    for abandoned in place.glob(TEMPORARY + "*"):  # by a process that was killed
        shutil.rmtree(abandoned, ignore_errors=True)
    headers = [] if size and channels and scale != "auto" else sample_headers(listing)
    height, width, depth = infer_shape(headers, size, channels)
    temporary = place / (TEMPORARY + secrets.token_hex(8))
    job = DecodingJob(str(listing.root), str(temporary / PIXELS), height, width, depth, fit)
    needs_scale = scale == "auto" and any(header.above_8_bits for header in headers)
    folder_scale = None
    if isinstance(scale, Scale):
        job = replace(job, scale=scale.to_facts())
    try:
        temporary.mkdir()
        while True:
            if needs_scale:
                folder_scale = find_scale([listing.root / file.name for file in listing.files], progress)
                job, needs_scale = replace(job, scale=folder_scale.scale.to_facts()), False
            guesses = _Guesses(
                gray=channels is None and job.channels == 1, bytes=scale == "auto" and folder_scale is None
            )
            try:
                _decode(job, temporary, folder, listing, guesses, folder_scale, progress)
                break
            except _ColorError:
                job = replace(job, channels=3)
            except _ValuesError:
                needs_scale = True
        _finish(temporary, listing)
        shutil.rmtree(folder, ignore_errors=True)  # a damaged one
        temporary.rename(folder)
        _flush(place)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise _storage_error(error, place, len(listing.files) * job.row_bytes) from error
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    for other in list_states(place):
        if other != folder:  # Windows keeps one that a training still maps, until the next build
            shutil.rmtree(other, ignore_errors=True)
    return open_cache(folder)


class _Guesses(NamedTuple):
    """What is assumed of all images, because it is so of those of the sample."""

    gray: bool  # raises _ColorError where it is wrong
    bytes: bool  # raises _ValuesError where it is wrong


class _ColorError(Exception):
    """There is an image in color among those that were assumed to be gray."""


class _ValuesError(Exception):
    """There is an image of more than 8 bits among those that were assumed to have 8."""


def _decode(
    job: DecodingJob,
    temporary: Path,
    folder: Path,
    listing: Listing,
    guesses: _Guesses,
    folder_scale: FolderScale | None,
    progress: Progress,
) -> None:
    """Write pixels, table and facts. Raises the error of a guess that was wrong."""
    files = listing.files
    _require_space(temporary, len(files) * job.row_bytes)
    table = np.zeros(len(files), record_dtype(job.channels))
    skipped: dict[int, str] = {}
    with Path(job.pixels).open("wb") as pixels:
        pixels.truncate(len(files) * job.row_bytes)
    previous = find_previous(folder, listing, job)
    done = previous.copy_unchanged(table, skipped) if previous else set()
    rows = [row for row in range(len(files)) if row not in done]
    known = [previous.content_sha256(row) if previous else None for row in rows]
    tasks = make_tasks(rows, [files[row].name for row in rows], known, [files[row].size for row in rows])
    count = len(files) - len(rows)
    with closing(decode_all(job, tasks)) as results:
        for task, result in results:
            table[np.asarray(task.rows)] = result.records
            skipped |= result.reasons
            if previous:
                previous.copy(result.same, table)
            count += len(task.rows)
            _require_guesses(guesses, result.records)
            progress(_("decoding images"), count, len(files))
    _require_guesses(guesses, table)  # with the rows of a previous cache
    (temporary / TABLE).write_bytes(table.tobytes())
    facts = {
        "folder": printable_path(os.path.realpath(listing.root)),
        "images": int(table["usable"].sum()),
        "height": job.height,
        "width": job.width,
        "channels": job.channels,
        "fit": job.fit,
        "scale": job.scale,
        "levels": folder_scale.levels if folder_scale else None,
        "not_finite": folder_scale.not_finite if folder_scale else 0,
        "decoder": decoder_version(),
        "skipped": {str(row): skipped[row] for row in sorted(skipped)},
    }
    (temporary / FACTS).write_text(json.dumps(facts), "utf-8")


def _require_guesses(guesses: _Guesses, records: np.ndarray) -> None:
    if guesses.gray and records["color"].any():
        raise _ColorError
    if guesses.bytes and records["above_8_bits"].any():
        raise _ValuesError


def _finish(temporary: Path, listing: Listing) -> None:
    """Write the other files and flush all of them to the disk."""
    (temporary / FILES).write_bytes(files_json(listing.files))
    names = (TABLE, FILES, FACTS)
    sums = [f"{hashlib.sha256((temporary / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (temporary / SUMS).write_text("".join(sums), "utf-8")
    for name in (PIXELS, *names, SUMS):
        _flush(temporary / name)
    _flush(temporary)


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise _too_little(folder, needed, free)


def _too_little(folder: Path, needed: int, free: int) -> ResourceError:
    return ResourceError(
        _(
            "The decoded images need {needed} of disk space in '{path}'.",
            needed=format_bytes(needed),
            path=folder.parent,
        ),
        expected=_("{free} are free", free=format_bytes(free)),
        hint=_("Free some space, set AXONE_CACHE to a folder on another disk, or use a smaller --image-size."),
    )


def _storage_error(error: OSError, place: Path, needed: int) -> ResourceError:
    if error.errno in DISK_FULL and place.is_dir():
        return storage_error(error, place / PIXELS, needed)
    return ResourceError(
        _("The cache folder '{path}' cannot be used: {reason}.", path=place, reason=error.strerror or error),
        hint=_("Set AXONE_CACHE to a folder that you may write."),
    )


def _flush(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk."""
    if path.is_dir() and os.name == "nt":
        return  # where folders cannot be opened
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
