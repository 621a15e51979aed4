"""What every file of a run was when it was written: its size and its sha256, in `manifest.json`.

Neither safetensors nor PyTorch's own format notices a flipped bit in the weights: without a manifest, damage
is computed with in silence. The manifest is sealed itself (`sealed.py`).

    {"version": 1, "finished": true, "files": {"facts.json": {"size": 812, "sha256": "..."}, ...}, "self": "..."}

While a run goes on, `events.jsonl` grows: its entry then speaks of its first `size` bytes. Each checkpoint has
a manifest of its own, which rules while the run goes on, for a checkpoint is replaced before the run's
manifest is. A file about to be replaced is taken out of the manifest first (`changing`), so that a process
killed in between never makes sound files look damaged.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from axone.errors import DamagedError
from axone.messages import _
from axone.runs.files import TEMPORARY, make_folder, sha256_of, write_atomically
from axone.runs.sealed import read_sealed, seal

MANIFEST, DONE, EVENTS, CHECKPOINTS = "manifest.json", "done.json", "events.jsonl", "checkpoints"
PREVIOUS = "-previous"  # ends the name of the checkpoint before the current one of a slot
REPORT = "report.html"
UNLISTED = {MANIFEST, DONE, "run.lock", "run.lock.json", "stop.request"}

_grown: dict[Path, tuple[int, Any]] = {}  # bytes of a growing file already hashed, and the hash so far


class Damage(NamedTuple):
    """One file that is not what was written, relative to the run's folder, and why."""

    file: str
    reason: str


def read_manifest(folder: Path) -> tuple[dict[str, dict[str, Any]], bool]:
    """Read a folder's manifest: its entries by name, and whether the run is finished. Raises ValueError."""
    content = read_sealed(folder / MANIFEST)
    entries = content.get("files")
    if not isinstance(entries, dict) or not all(map(_is_entry, entries.values())):
        raise ValueError(_("not readable"))
    return entries, content.get("finished") is True


def write_manifest(folder: Path | str, *, finished: bool = False) -> None:
    """Record the files of a run that are not recorded yet; locks and temporary files never are.

    A recorded file is not read again: what happened to it since then must show, not be blessed. Whoever means
    to change one says so with `changing`. Events and checkpoints, which the writer replaces as it goes, are
    brought up to date.
    """
    folder = Path(folder)
    try:
        files = read_manifest(folder)[0]
    except ValueError:
        files = {}
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name == EVENTS:
            files[name] = _growing(path)
            if finished:
                del files[name]["growing"]
        elif name == REPORT and not finished:
            continue  # a page asked for while training goes on is another process's, and soon made again
        elif name not in files:
            files[name] = {"size": path.stat().st_size, "sha256": sha256_of(path)}
    _update_checkpoints(folder, files)
    write_atomically(folder / MANIFEST, seal({"version": 1, "finished": finished, "files": files}))


def verify(folder: Path | str, only: Iterable[str] | None = None) -> list[Damage]:
    """Compare a run's files with its manifest, byte for byte; `only` names files or folders of interest."""
    return _compare(Path(folder), _content, None if only is None else tuple(only))


def verify_sizes(folder: Path | str) -> list[Damage]:
    """Compare names and sizes only: what a list of runs can afford."""
    return _compare(Path(folder), None, None)


def verify_checkpoint(place: Path, name: str, content: bool = True) -> list[Damage]:
    """Compare one checkpoint's folder with its own manifest; `name` is how it is called in the damages."""
    try:
        listed, _finished = read_manifest(place)
    except ValueError as error:
        return [Damage(f"{name}/{MANIFEST}", str(error))]
    found = (_differs(place / file, entry, _content if content else None) for file, entry in listed.items())
    return [Damage(f"{name}/{file}", reason) for file, reason in zip(listed, found) if reason]


def require_intact(folder: Path | str, names: Iterable[str]) -> None:
    """Raise DamagedError, naming the first file, unless these files of a run are what was written."""
    folder, names = Path(folder), tuple(names)
    damages = verify(folder, names)
    damages += [Damage(name, _("missing")) for name in names if not (folder / name).exists()]
    if damages:
        raise damaged(folder, damages)


def damaged(folder: Path, damages: list[Damage]) -> DamagedError:
    """Make the error that names the damaged files of a run and the way out."""
    shown = ", ".join(f"'{damage.file}' ({damage.reason})" for damage in damages[:3])
    more = "..." if len(damages) > 3 else ""
    return DamagedError(
        _("The run '{folder}' is damaged: {files}.", folder=folder, files=shown + more),
        hint=_("Restore the file from a copy of the run, or train again: axone train SYSTEM --config '{settings}'.",
               settings=folder / "settings.toml"),
    )  # fmt: skip


@contextmanager
def changing(folder: Path | str, *names: str) -> Iterator[None]:
    """Around the change of files that the manifest knows: out of it before, back in it after."""
    folder = Path(folder)
    try:
        files, finished = read_manifest(folder)
    except ValueError:
        files, finished = {}, False
    if any(name in files for name in names):
        files = {name: entry for name, entry in files.items() if name not in names}
        write_atomically(folder / MANIFEST, seal({"version": 1, "finished": finished, "files": files}))
    if EVENTS in names:
        _grown.pop(folder / EVENTS, None)
    yield
    write_manifest(folder, finished=finished)


def record_file(folder: Path | str, name: str, data: bytes | str) -> Path:
    """Write a file of a run (a report, a table, an export) and its place in the manifest. Returns its path."""
    path = Path(folder) / name
    make_folder(path.parent)
    with changing(folder, name):
        write_atomically(path, data)
    return path


def _files(folder: Path) -> Iterator[Path]:
    """List the files that the run's manifest reads itself: all but those of the checkpoints."""
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
    """Copy the entries of each checkpoint from its own manifest, which was made from the bytes at hand."""
    places = folder / CHECKPOINTS
    slots = [place.name for place in sorted(places.iterdir()) if place.is_dir()] if places.is_dir() else []
    for slot in (slot for slot in slots if not slot.startswith(TEMPORARY)):
        try:
            entries, _finished = read_manifest(places / slot)
            data = (places / slot / MANIFEST).read_bytes()
        except (ValueError, OSError):
            continue  # a damaged checkpoint keeps its old entries, and its own manifest tells
        prefix = f"{CHECKPOINTS}/{slot}/"
        files.update({prefix + name: entry for name, entry in entries.items()})
        files[prefix + MANIFEST] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    for name in [name for name in files if name.startswith(CHECKPOINTS + "/")]:
        slot = name.split("/")[1]
        if slot.endswith(PREVIOUS) and slot not in slots and slot.removesuffix(PREVIOUS) in slots:
            del files[name]  # replaced, not lost


def _growing(path: Path) -> dict[str, Any]:
    """Hash a file that only grows, going on from where the last call stopped."""
    size, digest = _grown.get(path, (0, None))
    length = path.stat().st_size
    digest = hashlib.sha256() if digest is None or length < size else digest.copy()
    size = 0 if length < size else size
    with path.open("rb") as file:
        file.seek(size)
        while size < length and (block := file.read(min(length - size, 1 << 20))):
            digest.update(block)
            size += len(block)
    _grown[path] = (size, digest.copy())
    return {"size": size, "sha256": digest.hexdigest(), "growing": True}


def _content(path: Path, size: int | None = None) -> str:
    """Hash a file, or its first `size` bytes."""
    if size is None:
        return sha256_of(path)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(size, 1 << 20))):
            digest.update(block)
            size -= len(block)
    return digest.hexdigest()


def _compare(folder: Path, hasher: Any, only: tuple[str, ...] | None) -> list[Damage]:
    try:
        files, finished = read_manifest(folder)
    except ValueError as error:
        return [Damage(MANIFEST, str(error))]
    damages = []
    for name, entry in files.items():
        if not _wanted(name, only) or (name.startswith(CHECKPOINTS + "/") and not finished):
            continue
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            damages.append(Damage(MANIFEST, _("names a file outside the run")))
        elif reason := _differs(folder / name, entry, hasher):
            damages.append(Damage(name, reason))
    known = {name.split("/")[1] for name in files if name.startswith(CHECKPOINTS + "/")}
    for slot in sorted(known):
        place, name = folder / CHECKPOINTS / slot, f"{CHECKPOINTS}/{slot}"
        if not _wanted(f"{name}/{MANIFEST}", only) or finished:
            continue
        other = place.with_name(slot.removesuffix(PREVIOUS) if slot.endswith(PREVIOUS) else slot + PREVIOUS)
        if place.is_dir():
            damages += verify_checkpoint(place, name, content=hasher is not None)
        elif not other.is_dir():  # a kill between two renames leaves one of the two: that is no damage
            damages.append(Damage(name, _("missing")))
    if _wanted(DONE, only):
        try:
            read_sealed(folder / DONE)
        except ValueError as error:
            if finished or (folder / DONE).exists():
                damages.append(Damage(DONE, str(error)))
    return damages


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and type(entry.get("size")) is int and isinstance(entry.get("sha256"), str)


def _wanted(name: str, only: tuple[str, ...] | None) -> bool:
    return only is None or any(name == one or name.startswith(one.rstrip("/") + "/") for one in only)


def _differs(path: Path, entry: dict[str, Any], hasher: Any) -> str | None:
    """Say how a file differs from its entry, or None."""
    try:
        size = path.stat().st_size
        if size < entry["size"] or (size > entry["size"] and not entry.get("growing")):
            return _("{found} bytes instead of {expected}", found=size, expected=entry["size"])
        if hasher and hasher(path, entry["size"] if entry.get("growing") else None) != entry["sha256"]:
            return _("its content changed")
    except (FileNotFoundError, NotADirectoryError):
        return _("missing")
    except OSError as error:
        return error.strerror or str(error)
    return None
