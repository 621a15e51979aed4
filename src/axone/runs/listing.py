"""All runs of a folder, in order of their start; a run is read again only when a file of it changed.

    runs/SYSTEM/NAME/

A page that shows hundreds of runs asks for this list every few seconds.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from axone.runs.folder import run_folders
from axone.runs.status import RunInfo, read_run
from axone.runs.storage.lock import holder

_Signature = tuple[tuple[str, int, int, int], ...]


class _Entry(NamedTuple):
    signature: _Signature
    written: bool  # whether a process held the lock
    info: RunInfo


_cache: dict[Path, _Entry] = {}


def list_runs(root: Path | str) -> list[RunInfo]:
    """Return all runs of a folder, oldest first. Sizes are checked, contents are not."""
    folders = list(run_folders(Path(root)))
    below, present = Path(root).absolute(), {folder.absolute() for folder in folders}
    for path in [path for path in list(_cache) if path.is_relative_to(below) and path not in present]:
        _cache.pop(path, None)
    return sorted((read_cached(folder) for folder in folders), key=lambda run: (run.started, run.name))


def forget_runs() -> None:
    """Empty the cache, so that the next listing reads every run."""
    _cache.clear()


def read_cached(folder: Path) -> RunInfo:
    """Do what `read_run` does, or return the last result when neither a file nor the writer changed."""
    key, signature, written = folder.absolute(), _sign(folder), holder(folder) is not None
    entry = _cache.get(key)
    if entry is None or entry.signature != signature or entry.written != written or entry.info.path != folder:
        entry = _cache[key] = _Entry(signature, written, read_run(folder))
    return entry.info


def _sign(folder: Path | str) -> _Signature:
    """Return the names, inodes, sizes and times of all files of a run."""
    signature: list[tuple[str, int, int, int]] = []
    folders = [str(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    status = entry.stat(follow_symlinks=False)
                    signature.append((entry.path, status.st_ino, status.st_size, status.st_mtime_ns))
        except OSError:  # removed meanwhile
            continue
    return tuple(sorted(signature))
