"""Named data sets: what they consist of, where they are on this machine, how they get there.

A data set is looked for in Axone's cache, then where packages of the operating system put it, then downloaded. If all
of that fails, the small real subset that some data sets ship with Axone is used, and `DatasetLocation.notes` says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import platformdirs
from filelock import FileLock, Timeout

from axone.data.datasets.download import download_file, file_sha256, remote_size, storage_error
from axone.errors import DataError, ResourceError
from axone.messages import _
from axone.progress import Progress, ignore_progress

LOCK_SECONDS = 900.0


@dataclass(frozen=True)
class DatasetFile:
    """One file of a data set: its address at each mirror, and the bytes that it must have.

    Args:
        name: The name of the file.
        urls: Its addresses, the preferred one first.
        sha256: The sha256 of its content, or the beginning of it where the publisher gives no more.
        size: Bytes. None: what the publisher's server says.
        repackaged: (sha256, size) of other packagings of the same content.
    """

    name: str
    urls: tuple[str, ...]
    sha256: str
    size: int | None
    repackaged: tuple[tuple[str, int], ...] = ()

    @property
    def versions(self) -> tuple[tuple[str, int | None], ...]:
        """Every (sha256, size) of the right content."""
        return ((self.sha256, self.size), *self.repackaged)


@dataclass(frozen=True)
class DatasetSpec:
    """A data set that has a name in Axone.

    Args:
        name: The name, as `--data` takes it.
        summary: What it contains, in a few words for people.
        license: The license of the data.
        homepage: The publisher's page.
        files: The files that it consists of.
        classes: The names of the classes, in the order of their numbers.
        system_folders: Folders in which packages of operating systems install it.
        subset: A folder with files of the same names that hold a part of the data set.
        subset_summary: What that part contains, in a few words for people.
        plain_http: Hosts that offer no https; the sha256 protects against what they may send.
    """

    name: str
    summary: str
    license: str
    homepage: str
    files: tuple[DatasetFile, ...]
    classes: tuple[str, ...] = ()
    system_folders: tuple[str, ...] = ()
    subset: Path | None = None
    subset_summary: str = ""
    plain_http: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """The size of the complete data set, as it is downloaded."""
        return sum(file.size or 0 for file in self.files)


@dataclass(frozen=True)
class DatasetLocation:
    """Where a data set is: "cache" and "system" hold all of it, "subset" a part, "missing" nothing."""

    kind: Literal["cache", "system", "subset", "missing"]
    folder: Path | None
    bytes: int
    notes: tuple[str, ...] = ()  # sentences for people: what was damaged, why the subset is used


def cache_folder() -> Path:
    """Return Axone's cache folder: AXONE_CACHE, else the platform's. It may not exist yet."""
    chosen = os.environ.get("AXONE_CACHE")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_cache_dir("axone", appauthor=False))


def is_offline() -> bool:
    """Return whether AXONE_OFFLINE forbids downloads."""
    return os.environ.get("AXONE_OFFLINE", "0") not in ("", "0")


def find_local(spec: DatasetSpec) -> DatasetLocation:
    """Return where a data set is, judged by names and sizes alone: quick, and without the network."""
    for kind, folder in _candidates(spec):
        if all(_has_right_size(folder / file.name, file) for file in spec.files):
            return DatasetLocation(kind, folder, _count_bytes(spec, folder))
    return _find_subset(spec) or DatasetLocation("missing", None, 0)


def ensure_local(
    spec: DatasetSpec, progress: Progress = ignore_progress, *, allow_download: bool = True
) -> DatasetLocation:
    """Return a location whose files were verified; download the data set if it is nowhere on this machine.

    Without a network, with `allow_download=False` or with AXONE_OFFLINE=1, the subset that ships with Axone is
    returned, with a note. `progress` counts bytes. Raises DataError when there is no subset, ResourceError when the
    disk is full.
    """
    notes: list[str] = []
    for kind, folder in _candidates(spec):
        if not all((folder / file.name).is_file() for file in spec.files):
            continue
        damaged = [file.name for file in spec.files if not _is_intact(folder / file.name, file)]
        if not damaged:
            return DatasetLocation(kind, folder, _count_bytes(spec, folder), tuple(notes))
        notes.append(_("'{folder}' is not used: {files} damaged.", folder=folder, files=", ".join(damaged)))
    failure: DataError | ResourceError
    if not allow_download or is_offline():
        failure = DataError(_("'{name}' is not on this machine, and downloads are off.", name=spec.name))
    else:
        try:
            return replace(download_dataset(spec, progress), notes=tuple(notes))
        except (DataError, _NoCacheError) as error:
            failure = error
    subset = _find_subset(spec)
    if subset is None:
        raise failure
    notes.append(
        _("The complete {name} is not on this machine and could not be downloaded.", name=spec.name)
        + " "
        + _("Used instead: {subset}, shipped with Axone.", subset=_(spec.subset_summary))
        + " "
        + _("To download it: axone data get {name}", name=spec.name)
    )
    return replace(subset, notes=tuple(notes))


def download_dataset(spec: DatasetSpec, progress: Progress = ignore_progress) -> DatasetLocation:
    """Download a data set into the cache, unless it is there and intact. Two processes may do so at the same time.

    `progress` counts bytes. Raises DataError when no mirror delivers a file (what arrived is kept, and continued the
    next time), ResourceError when the disk is full or may not be written.
    """
    folder = cache_folder() / spec.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise ResourceError(
            _("Another process has been downloading {name} for a long time.", name=spec.name),
            hint=_("If there is none, delete '{path}'.", path=folder / ".lock"),
        ) from None
    except OSError as error:
        raise _NoCacheError(
            _("The cache folder '{path}' cannot be used: {reason}.", path=folder, reason=error.strerror),
            hint=_("Set AXONE_CACHE to a folder that you may write."),
        ) from None
    text = _("downloading {name}", name=spec.name)
    done = 0
    try:
        for file in spec.files:
            target = folder / file.name
            # Checked with the lock held: another process may have downloaded it while this one waited.
            if not _is_intact(target, file):
                target.unlink(missing_ok=True)
                size = remote_size(file.urls, spec.plain_http) if file.size is None else file.size
                download_file(
                    file.urls,
                    target,
                    sha256=file.sha256,
                    size=size,
                    plain_http=spec.plain_http,
                    on_bytes=_add_to(progress, text, done, max(spec.bytes, done + size)),
                )
            done += target.stat().st_size
            progress(text, done, max(spec.bytes, done))
    except OSError as error:
        raise storage_error(error, folder / ".part", spec.bytes - done) from None
    finally:
        lock.release()
    return DatasetLocation("cache", folder, _count_bytes(spec, folder))


def _add_to(progress: Progress, text: str, before: int, total: int) -> Callable[[int], None]:
    """Return what reports the bytes of one file, which begins after `before` bytes of the data set."""
    return lambda present: progress(text, before + present, total)


class _NoCacheError(ResourceError):
    """The cache cannot be written at all: a reason to use the subset, unlike a disk that became full."""


def _candidates(spec: DatasetSpec) -> list[tuple[Literal["cache", "system"], Path]]:
    return [("cache", cache_folder() / spec.name), *(("system", Path(folder)) for folder in spec.system_folders)]


def _has_right_size(path: Path, file: DatasetFile) -> bool:
    return path.is_file() and any(size in (None, path.stat().st_size) for _sha256, size in file.versions)


def _is_intact(path: Path, file: DatasetFile) -> bool:
    try:
        if not _has_right_size(path, file):
            return False
        digest, length = file_sha256(path), path.stat().st_size
        return any(digest.startswith(sha256) and size in (None, length) for sha256, size in file.versions)
    except OSError:
        return False


def _count_bytes(spec: DatasetSpec, folder: Path) -> int:
    return sum((folder / file.name).stat().st_size for file in spec.files)


def _find_subset(spec: DatasetSpec) -> DatasetLocation | None:
    if spec.subset is None or not all((spec.subset / file.name).is_file() for file in spec.files):
        return None
    return DatasetLocation("subset", spec.subset, _count_bytes(spec, spec.subset))
