"""Files that commands add to a run after or during its training: a report, an explanation, samples."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from axone.runs.storage.checked_json import read_checked
from axone.runs.storage.files import make_folder, write_atomically
from axone.runs.storage.lock import holder
from axone.runs.storage.manifest import MANIFEST, changing_files


def add_file(folder: Path, name: str, data: bytes) -> Path:
    """Write a file of a run, and its entry in the manifest unless that must not be changed; return its path.

    A damaged manifest is left unchanged: a new one, made from the present files, would hide damage. While another
    process trains, only that process writes the manifest. Raises what `write_atomically` raises.
    """
    return add_files(folder, {name: data})[0]


def add_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Do what `add_file` does for several files, writing the manifest once."""
    with changing_files(folder, *files) if _may_change_manifest(folder) else nullcontext():
        for name, data in files.items():
            path = folder / name
            make_folder(path.parent)
            write_atomically(path, data)
    return [folder / name for name in files]


def _may_change_manifest(folder: Path) -> bool:
    try:
        read_checked(folder / MANIFEST)
    except ValueError:
        return False
    writer = holder(folder)
    return writer is None or writer.pid == os.getpid()
