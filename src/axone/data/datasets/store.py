"""Named data sets: what they are, where they lie on this machine, how to get them.

A set is looked for in Axone's cache, then where the system's packages put it, then downloaded; when none of
this works, the small real subset that some sets carry with Axone stands in, and `Place.notes` says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import platformdirs
from filelock import FileLock, Timeout

from axone.data.datasets.download import download as download_file
from axone.data.datasets.download import file_sha256, remote_size, storage_error
from axone.errors import DataError, ResourceError
from axone.messages import _

LOCK_SECONDS = 900.0


@dataclass(frozen=True)
class DatasetFile:
    """One file of a set: its address at each mirror, and the bytes it must consist of."""

    name: str
    urls: tuple[str, ...]
    sha256: str  # or just its beginning, where the publisher tells no more
    size: int | None  # bytes; None: what the publisher's server says
    repackaged: tuple[tuple[str, int], ...] = ()  # (sha256, size) of other packagings of the same content

    @property
    def versions(self) -> tuple[tuple[str, int | None], ...]:
        """Every (sha256, size) under which the file is the right one."""
        return ((self.sha256, self.size), *self.repackaged)


@dataclass(frozen=True)
class DatasetSpec:
    """A data set that Axone knows by name."""

    name: str
    summary: str
    license: str
    homepage: str
    files: tuple[DatasetFile, ...]
    classes: tuple[str, ...] = ()
    system_folders: tuple[str, ...] = ()  # folders where packages of operating systems put it
    subset: Path | None = None  # folder with files of the same names, a part of the set
    subset_summary: str = ""
    plain_http: tuple[str, ...] = ()  # hosts that offer no https; the sha256 guards what they send

    @property
    def bytes(self) -> int:
        """Size of the whole set, as it is downloaded."""
        return sum(file.size or 0 for file in self.files)


@dataclass(frozen=True)
class DatasetLocation:
    """Where a set lies: "cache" and "system" hold it whole, "subset" a part, "missing" nothing."""

    kind: Literal["cache", "system", "subset", "missing"]
    folder: Path | None
    bytes: int
    notes: tuple[str, ...] = ()  # sentences for the user: what was damaged, why the subset is used


def cache_folder() -> Path:
    """Return Axone's cache folder: AXONE_CACHE, else the platform's (it need not exist yet)."""
    chosen = os.environ.get("AXONE_CACHE")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_cache_dir("axone", appauthor=False))


def find_local(known: DatasetSpec) -> DatasetLocation:
    """Say where a set lies, judging by names and sizes only: quick, and touches no network."""
    for kind, folder in _candidates(known):
        if all(_right_size(folder / file.name, file) for file in known.files):
            return DatasetLocation(kind, folder, _bytes(known, folder))
    return _subset(known) or DatasetLocation("missing", None, 0)


def ensure_local(
    known: DatasetSpec, progress: Callable[[int, int], None] | None = None, download: bool = True
) -> DatasetLocation:
    """Return a place whose files have been checked, downloading the set if it is nowhere on the machine.

    `progress(done, total)` is called with bytes. Without a network, or with `download=False` or
    AXONE_OFFLINE=1, the carried subset is returned with a note. Raises DataError when there is none,
    ResourceError when the disk is full.
    """
    notes: list[str] = []
    for kind, folder in _candidates(known):
        if not all((folder / file.name).is_file() for file in known.files):
            continue
        damaged = [file.name for file in known.files if not _right(folder / file.name, file)]
        if not damaged:
            return DatasetLocation(kind, folder, _bytes(known, folder), tuple(notes))
        notes.append(_("'{folder}' is not used: {files} damaged.", folder=folder, files=", ".join(damaged)))
    trouble: DataError | ResourceError
    if not download or os.environ.get("AXONE_OFFLINE", "0") not in ("", "0"):
        trouble = DataError(_("'{name}' is not on this machine, and downloads are off.", name=known.name))
    else:
        try:
            return replace(fetch(known, progress), notes=tuple(notes))
        except DataError as error:
            trouble = error
        except _NoCacheError as error:
            trouble = error
    subset = _subset(known)
    if subset is None:
        raise trouble
    notes.append(
        _("The whole of {name} is not on this machine and could not be fetched.", name=known.name)
        + " "
        + _("In its place: {subset}, carried by Axone.", subset=_(known.subset_summary))
        + " "
        + _("To get the whole: axone data get {name}", name=known.name)
    )
    return replace(subset, notes=tuple(notes))


def fetch(known: DatasetSpec, progress: Callable[[int, int], None] | None = None) -> DatasetLocation:
    """Download a set into the cache, unless it is there, whole and right. Two processes may do so at once.

    Raises DataError when no mirror delivers it (what arrived is kept, and continued the next time);
    ResourceError when the disk is full or may not be written.
    """
    folder = cache_folder() / known.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise ResourceError(
            _("Another process has been downloading {name} for a long time.", name=known.name),
            hint=_("If there is none, delete '{path}'.", path=folder / ".lock"),
        ) from None
    except OSError as error:
        raise _NoCacheError(
            _("The cache folder '{path}' cannot be used: {reason}.", path=folder, reason=error.strerror),
            hint=_("Set AXONE_CACHE to a folder that you may write."),
        ) from None
    try:
        done = 0
        for file in known.files:
            target = folder / file.name
            # Checked within the lock: another process may have brought it while this one waited.
            if not _right(target, file):
                target.unlink(missing_ok=True)
                size = remote_size(file.urls, known.plain_http) if file.size is None else file.size
                download_file(
                    file.urls,
                    target,
                    sha256=file.sha256,
                    size=size,
                    plain_http=known.plain_http,
                    progress=_add(progress, done, max(known.bytes, done + size)),
                )
            done += target.stat().st_size
            if progress:
                progress(done, max(known.bytes, done))
    except OSError as error:
        raise storage_error(error, folder / ".part", known.bytes - done) from None
    finally:
        lock.release()
    return DatasetLocation("cache", folder, _bytes(known, folder))


def _add(progress: Callable[[int, int], None] | None, before: int, total: int) -> Callable[[int], None] | None:
    """Turn the progress of a set into that of one file, which begins after `before` bytes."""
    return None if progress is None else lambda have: progress(before + have, total)


class _NoCacheError(ResourceError):
    """The cache cannot be written at all: a reason to use the subset, unlike a disk that filled up."""


def _candidates(known: DatasetSpec) -> list[tuple[Literal["cache", "system"], Path]]:
    return [("cache", cache_folder() / known.name), *(("system", Path(place)) for place in known.system_folders)]


def _right_size(path: Path, file: DatasetFile) -> bool:
    return path.is_file() and any(size in (None, path.stat().st_size) for _sha256, size in file.versions)


def _right(path: Path, file: DatasetFile) -> bool:
    try:
        if not _right_size(path, file):
            return False
        found, length = file_sha256(path), path.stat().st_size
        return any(found.startswith(sha256) and size in (None, length) for sha256, size in file.versions)
    except OSError:
        return False


def _bytes(known: DatasetSpec, folder: Path) -> int:
    return sum((folder / file.name).stat().st_size for file in known.files)


def _subset(known: DatasetSpec) -> DatasetLocation | None:
    if known.subset is None or not all((known.subset / file.name).is_file() for file in known.files):
        return None
    return DatasetLocation("subset", known.subset, _bytes(known, known.subset))
