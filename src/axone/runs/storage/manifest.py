"""Size and sha256 of every file of a run, recorded when it was written: `manifest.json`.

Neither safetensors nor PyTorch's own format notices a flipped bit in the weights, so without a manifest a damaged model
would be used silently. The manifest carries its own sha256 (`checked_json.py`); `verification.py` compares it with
the files.

    {"version": 1, "finished": true, "files": {"facts.json": {"size": 812, "sha256": "..."}, ...}, "sha256": "..."}

During training, `events.jsonl` grows: its entry describes its first `size` bytes. Each checkpoint has a manifest
of its own, which takes precedence during training, because a checkpoint is replaced before the run's manifest
is. The entry of a file that will be replaced is removed first (`changing_files`), so that a process killed in between
never makes sound files look damaged.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axone.messages import _
from axone.runs.storage.checked_json import encode_checked, read_checked
from axone.runs.storage.files import TEMPORARY, make_folder, sha256_of, write_atomically

MANIFEST, DONE, EVENTS, CHECKPOINTS = "manifest.json", "done.json", "events.jsonl", "checkpoints"
PREVIOUS = "-previous"  # ends the folder name of the previous checkpoint of a slot
REPORT = "report.html"
UNLISTED = {MANIFEST, DONE, "run.lock", "run.lock.json", "stop.request"}

_hashes: dict[Path, tuple[int, Any]] = {}  # of files that grow: bytes hashed so far, and the hash object


def read_manifest(folder: Path) -> tuple[dict[str, dict[str, Any]], bool]:
    """Read a folder's manifest: its entries by name, and whether the run is finished.

    Raises ValueError with the reason when it is missing or damaged.
    """
    content = read_checked(folder / MANIFEST)
    entries = content.get("files")
    if not isinstance(entries, dict) or not all(map(_is_entry, entries.values())):
        raise ValueError(_("not readable"))
    return entries, content.get("finished") is True


def write_manifest(folder: Path | str, *, finished: bool = False) -> None:
    """Record the files of a run that have no entry yet; locks and temporary files never have one.

    The entries of other files stay as they are, so that damage since then remains visible; use `changing_files` to
    change a file on purpose. The entries of events and checkpoints, which the writer replaces as it goes, are updated.
    """
    folder = Path(folder)
    try:
        files = read_manifest(folder)[0]
    except ValueError:
        files = {}
    for path in _list_files(folder):
        name = path.relative_to(folder).as_posix()
        if name == EVENTS:
            files[name] = _hash_growing(path)
            if finished:
                del files[name]["growing"]
        elif name == REPORT and not finished:
            continue  # written by another process during training, and soon replaced
        elif name not in files:
            files[name] = {"size": path.stat().st_size, "sha256": sha256_of(path)}
    _update_checkpoints(folder, files)
    _write(folder, files, finished)


@contextmanager
def changing_files(folder: Path | str, *names: str) -> Iterator[None]:
    """Remove the entries of files from the manifest before the block that changes them, and record them after it."""
    folder = Path(folder)
    try:
        files, finished = read_manifest(folder)
    except ValueError:
        files, finished = {}, False
    if any(name in files for name in names):
        _write(folder, {name: entry for name, entry in files.items() if name not in names}, finished)
    if EVENTS in names:
        _hashes.pop(folder / EVENTS, None)
    yield
    write_manifest(folder, finished=finished)


def write_file(folder: Path | str, name: str, data: bytes | str) -> Path:
    """Write a file of a run and its entry in the manifest; returns its path."""
    path = Path(folder) / name
    make_folder(path.parent)
    with changing_files(folder, name):
        write_atomically(path, data)
    return path


def _write(folder: Path, files: dict[str, dict[str, Any]], finished: bool) -> None:
    write_atomically(folder / MANIFEST, encode_checked({"version": 1, "finished": finished, "files": files}))


def _list_files(folder: Path) -> Iterator[Path]:
    """Yield the files that the run's manifest records itself: all but those of the checkpoints."""
    for parent, folders, names in os.walk(folder):
        if Path(parent) == folder and CHECKPOINTS in folders:
            folders.remove(CHECKPOINTS)
        folders[:] = sorted(name for name in folders if not name.startswith(TEMPORARY))
        for name in sorted(names):
            path = Path(parent, name)
            listed = not name.startswith(TEMPORARY) and path.relative_to(folder).as_posix() not in UNLISTED
            if listed and path.is_file() and not path.is_symlink():
                yield path


def _update_checkpoints(folder: Path, files: dict[str, dict[str, Any]]) -> None:
    """Copy the entries of each checkpoint from its own manifest, which was made from the bytes in memory."""
    places = folder / CHECKPOINTS
    slots = [place.name for place in sorted(places.iterdir()) if place.is_dir()] if places.is_dir() else []
    for slot in (slot for slot in slots if not slot.startswith(TEMPORARY)):
        try:
            entries, _finished = read_manifest(places / slot)
            data = (places / slot / MANIFEST).read_bytes()
        except (ValueError, OSError):
            continue  # the old entries of a damaged checkpoint stay
        prefix = f"{CHECKPOINTS}/{slot}/"
        files.update({prefix + name: entry for name, entry in entries.items()})
        files[prefix + MANIFEST] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    for name in [name for name in files if name.startswith(CHECKPOINTS + "/")]:
        slot = name.split("/")[1]
        if slot.endswith(PREVIOUS) and slot not in slots and slot.removesuffix(PREVIOUS) in slots:
            del files[name]  # removed on purpose, not lost


def _hash_growing(path: Path) -> dict[str, Any]:
    """Return the entry of a file that only grows, hashing what was added since the last call."""
    size, digest = _hashes.get(path, (0, None))
    length = path.stat().st_size
    digest = hashlib.sha256() if digest is None or length < size else digest.copy()
    size = 0 if length < size else size
    with path.open("rb") as file:
        file.seek(size)
        while size < length and (block := file.read(min(length - size, 1 << 20))):
            digest.update(block)
            size += len(block)
    _hashes[path] = (size, digest.copy())
    return {"size": size, "sha256": digest.hexdigest(), "growing": True}


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and type(entry.get("size")) is int and isinstance(entry.get("sha256"), str)
