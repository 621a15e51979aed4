"""Comparing the files of a run with its manifest: which are missing, and which are not what was written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from axone.errors import DamagedError
from axone.messages import _
from axone.runs.storage.checked_json import read_checked
from axone.runs.storage.manifest import CHECKPOINTS, DONE, MANIFEST, PREVIOUS, read_manifest
from axone.runs.storage.reading import open_inside
from axone.shell import quote


class Damage(NamedTuple):
    """A file that is not what was written, relative to the run's folder, and the reason."""

    file: str
    reason: str


def verify(folder: Path | str, only: Iterable[str] | None = None) -> list[Damage]:
    """Compare the content of a run's files with its manifest; `only` restricts it to some files or folders."""
    return _compare(Path(folder), None if only is None else tuple(only), content=True)


def verify_sizes(folder: Path | str) -> list[Damage]:
    """Compare names and sizes only, which is quick enough for a list of runs."""
    return _compare(Path(folder), None, content=False)


def verify_checkpoint(place: Path, name: str, content: bool = True) -> list[Damage]:
    """Compare the folder of a checkpoint with its own manifest; `name` is its name in the result."""
    try:
        entries, _finished = read_manifest(place)
    except ValueError as error:
        return [Damage(f"{name}/{MANIFEST}", str(error))]
    reasons = (_differs(place, file, entry, content) for file, entry in entries.items())
    return [Damage(f"{name}/{file}", reason) for file, reason in zip(entries, reasons) if reason]


def require_intact(folder: Path | str, names: Iterable[str]) -> None:
    """Raise DamagedError, naming the first file, unless these files of a run are what was written."""
    folder, names = Path(folder), tuple(names)
    damages = verify(folder, names)
    damages += [Damage(name, _("missing")) for name in names if not (folder / name).exists()]
    if damages:
        raise make_damage_error(folder, damages)


def make_damage_error(folder: Path, damages: list[Damage]) -> DamagedError:
    """Return the error that names the damaged files of a run and how to continue."""
    first = ", ".join(f"'{damage.file}' ({damage.reason})" for damage in damages[:3])
    more = "..." if len(damages) > 3 else ""
    return DamagedError(
        _("The run '{folder}' is damaged: {files}.", folder=folder, files=first + more),
        hint=_("Restore the file from a copy of the run, or train again: axone train SYSTEM --config {settings}",
               settings=quote(folder / "settings.toml")),
    )  # fmt: skip


def _compare(folder: Path, only: tuple[str, ...] | None, content: bool) -> list[Damage]:
    try:
        files, finished = read_manifest(folder)
    except ValueError as error:
        return [Damage(MANIFEST, str(error))]
    damages = []
    for name, entry in files.items():
        if not _is_wanted(name, only) or (name.startswith(CHECKPOINTS + "/") and not finished):
            continue
        if name.startswith("/") or (".." in name and ".." in PurePosixPath(name).parts):
            damages.append(Damage(MANIFEST, _("names a file outside the run")))
        elif reason := _differs(folder, name, entry, content):
            damages.append(Damage(name, reason))
    if not finished:
        damages += _compare_checkpoints(folder, files, only, content)
    if _is_wanted(DONE, only) and (finished or (folder / DONE).exists()):
        try:
            read_checked(folder / DONE)
        except ValueError as error:
            damages.append(Damage(DONE, str(error)))
    return damages


def _compare_checkpoints(
    folder: Path, files: Iterable[str], only: tuple[str, ...] | None, content: bool
) -> list[Damage]:
    """Compare the checkpoints of a run in training with their own manifests."""
    damages = []
    for slot in sorted({name.split("/")[1] for name in files if name.startswith(CHECKPOINTS + "/")}):
        place, name = folder / CHECKPOINTS / slot, f"{CHECKPOINTS}/{slot}"
        if not _is_wanted(f"{name}/{MANIFEST}", only):
            continue
        other = place.with_name(slot.removesuffix(PREVIOUS) if slot.endswith(PREVIOUS) else slot + PREVIOUS)
        if place.is_dir():
            damages += verify_checkpoint(place, name, content)
        elif not other.is_dir():  # a kill between two renames leaves one of the two: that is no damage
            damages.append(Damage(name, _("missing")))
    return damages


def _is_wanted(name: str, only: tuple[str, ...] | None) -> bool:
    return only is None or any(name == one or name.startswith(one.rstrip("/") + "/") for one in only)


def _differs(folder: Path, name: str, entry: dict[str, Any], content: bool) -> str | None:
    """Return how a file differs from its entry, or None."""
    growing = bool(entry.get("growing"))
    try:
        size = os.stat(f"{folder}/{name}").st_size  # noqa: PTH116 - a Path for each of 30,000 files takes a second
        if size < entry["size"] or (size > entry["size"] and not growing):
            return _("{found} bytes instead of {expected}", found=size, expected=entry["size"])
        if content and _hash_beginning(folder, name, entry["size"]) != entry["sha256"]:
            return _("its content changed")
    except (FileNotFoundError, NotADirectoryError):
        return _("missing")
    except OSError as error:
        return error.strerror or str(error)
    except ValueError as error:  # a link out of the folder, or no regular file
        return str(error)
    return None


def _hash_beginning(folder: Path, name: str, size: int) -> str:
    digest = hashlib.sha256()
    with open_inside(folder, name) as file:
        while size > 0 and (block := file.read(min(size, 1 << 20))):
            digest.update(block)
            size -= len(block)
    return digest.hexdigest()
