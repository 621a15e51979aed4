"""Files that are added to a run from outside its training: a report, an explanation, samples."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from axone.runs.checked_json import read_checked
from axone.runs.files import make_folder, write_atomically
from axone.runs.lock import holder
from axone.runs.manifest import MANIFEST, changing_files


def add_file(folder: Path, name: str, data: bytes) -> Path:
    """Write a file of a run, and its place in the manifest where that is ours to write. Returns its path.

    A damaged manifest stays as it is: a new one, made from the files as they are now, would hide damage. And while
    another process trains, the manifest is that process's. Raises what `write_atomically` raises.
    """
    return add_files(folder, {name: data})[0]


def add_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Do what `add_file` does with several files, and write the manifest once."""
    ours = _is_sealed(folder / MANIFEST) and _is_ours(folder)
    with changing_files(folder, *files) if ours else nullcontext():
        for name, data in files.items():
            path = folder / name
            make_folder(path.parent)
            write_atomically(path, data)
    return [folder / name for name in files]


def _is_sealed(manifest: Path) -> bool:
    try:
        read_checked(manifest)
    except ValueError:
        return False
    return True


def _is_ours(folder: Path) -> bool:
    writer = holder(folder)
    return writer is None or writer.pid == os.getpid()
