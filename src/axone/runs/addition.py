"""A file that is added to a run from outside its training: a report, an explanation."""

from __future__ import annotations

import os
from pathlib import Path

from axone.runs.files import make_folder, write_atomically
from axone.runs.lock import holder
from axone.runs.manifest import MANIFEST, record_file
from axone.runs.sealed import read_sealed


def add_file(folder: Path, name: str, data: bytes) -> Path:
    """Write a file of a run, and its place in the manifest where that is ours to write. Returns its path.

    A damaged manifest stays as it is: a new one, made from the files as they are now, would hide damage. And while
    another process trains, the manifest is that process's. Raises what `write_atomically` raises.
    """
    if _is_sealed(folder / MANIFEST) and _is_ours(folder):
        return record_file(folder, name, data)
    path = folder / name
    make_folder(path.parent)
    write_atomically(path, data)
    return path


def _is_sealed(manifest: Path) -> bool:
    try:
        read_sealed(manifest)
    except ValueError:
        return False
    return True


def _is_ours(folder: Path) -> bool:
    writer = holder(folder)
    return writer is None or writer.pid == os.getpid()
