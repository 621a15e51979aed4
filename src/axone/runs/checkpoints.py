"""Checkpoints that a kill, a full disk or a flipped bit cannot take away.

    checkpoints/last/            weights.safetensors   the model's tensors, for any reader of safetensors
                                 state.safetensors     all other tensors: optimizers, averages, random states
                                 state.json            the rest, plain values
                                 manifest.json         size and sha256 of the three, and of itself
    checkpoints/last-previous/   the one before

A checkpoint is written under a temporary name, flushed, then renamed into its place; the one before is only
removed when the one after it is known to be whole. Every byte is checked before it is used.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from axone.errors import AxoneError, DamagedError, RunError
from axone.messages import _
from axone.runs import files
from axone.runs.checked_json import encode_checked, read_checked
from axone.runs.manifest import CHECKPOINTS, MANIFEST, PREVIOUS, read_manifest
from axone.runs.reading import open_inside
from axone.runs.tensors import flatten_state, from_bytes, require_finite, restore_state, to_bytes, weights_sha256
from axone.runs.verification import verify_checkpoint

WEIGHTS, TENSORS, STATE = "weights.safetensors", "state.safetensors", "state.json"

# Checkpoints that this process wrote or has read whole: they need no second reading before the older one goes.
_sound: set[Path] = set()


class Checkpoint(NamedTuple):
    """What was saved, where it was found, and what had to be passed over to find it."""

    weights: dict[str, Tensor]
    state: Any
    path: Path
    warnings: list[str]


def save(
    folder: Path | str, slot: str, *, weights: Mapping[str, Tensor], state: Any, keep_previous: bool = True
) -> Path:
    """Write a checkpoint of a run and put it in its slot ("last", "best"); returns its folder.

    Raises DivergedError, before a byte is written, when a value is not a number; ResourceError when the disk
    is full; RunError when the run's folder is gone. The checkpoint that was there is then still there.
    """
    folder = Path(folder)
    require_finite(weights, state)
    tensors, skeleton = flatten_state(state)
    content = {
        WEIGHTS: to_bytes(weights),
        TENSORS: to_bytes(tensors),
        STATE: json.dumps({"version": 1, "state": skeleton}, allow_nan=False).encode(),
    }
    entries = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in content.items()}
    content[MANIFEST] = encode_checked({"version": 1, "files": entries})
    if not folder.is_dir():
        raise gone(folder)
    place = folder / CHECKPOINTS / slot
    files.make_folder(place.parent)
    clean(folder)
    temporary = files.temporary_beside(place)
    try:
        files.make_folder(temporary)
        for name, data in content.items():
            files.write_new(temporary / name, data, shown=place / name)
        files.sync_folder(temporary)
        _publish(temporary, place)
    except BaseException:
        files.discard(temporary)
        raise
    if not keep_previous and (retired := _retire(_before(place))):
        files.remove(retired)
    return place


def load(folder: Path | str, *slots: str) -> Checkpoint:
    """Read the newest whole checkpoint of a slot; further slots are tried in turn when it has none.

    A damaged checkpoint is named in the warnings, and the one before it is used. Raises DamagedError when
    there are checkpoints but none is whole, RunError when there are none.
    """
    folder = Path(folder)
    problems: list[str] = []
    for slot in slots:
        place = folder / CHECKPOINTS / slot
        for candidate in (place, _before(place)):
            found = _read_steadily(candidate, problems)
            if found:
                return Checkpoint(*found, candidate, problems)
            _sound.discard(candidate.absolute())
    names = ", ".join(f"'{slot}'" for slot in slots)
    if not problems:
        raise RunError(
            _("The run '{folder}' has no checkpoint {names}.", folder=folder, names=names),
            hint=_("It was stopped before the first one: train again."),
        )
    raise DamagedError(
        _("No checkpoint of '{folder}' can be used: {problems}.", folder=folder, problems="; ".join(problems)),
        hint=_("Restore the files from a copy of the run, or train again: axone train SYSTEM --config '{settings}'.",
               settings=folder / "settings.toml"),
    )  # fmt: skip


def exists(folder: Path | str, slot: str) -> bool:
    """Say whether a slot, or the one before it, holds a checkpoint, whole or not."""
    place = Path(folder) / CHECKPOINTS / slot
    return place.is_dir() or _before(place).is_dir()


def clean(folder: Path | str) -> None:
    """Remove what a killed process left half written. Only the process that holds the run's lock may."""
    files.remove_temporaries(Path(folder) / CHECKPOINTS)


def gone(folder: Path) -> RunError:
    """Make the error for a run's folder that is no longer there."""
    return RunError(
        _("The run's folder '{folder}' is gone: it was deleted or moved meanwhile.", folder=folder),
        hint=_("Put it back, or train again."),
    )


def _before(place: Path) -> Path:
    return place.with_name(place.name + PREVIOUS)


def _publish(temporary: Path, place: Path) -> None:
    """Put a whole checkpoint in its place, leaving a whole one on disk at every instant."""
    before = _before(place)
    retired = None
    if place.exists():
        # What another process left here may be damaged; then the one before it is all there is.
        whole = place.absolute() in _sound or not before.exists() or not verify_checkpoint(place, place.name)
        if whole:
            retired = _retire(before)
            files.rename(place, before)
        else:
            retired = _retire(place)
    files.rename(temporary, place)
    _sound.add(place.absolute())
    files.sync_folder(place.parent)
    if retired:
        files.remove(retired)


def _retire(place: Path) -> Path | None:
    """Take a checkpoint out of its place in one go: half removed, it would look damaged. Returns where it is."""
    if not place.exists():
        return None
    retired = files.temporary_beside(place)
    files.rename(place, retired)
    return retired


def _read_steadily(place: Path, problems: list[str]) -> tuple[dict[str, Tensor], Any] | None:
    """Read a checkpoint; again when its writer replaced it meanwhile. Adds why not to `problems`."""
    for _attempt in range(10):
        if not place.is_dir():
            return None
        seal_before = _seal_of(place)
        try:
            return _read(place)
        except AxoneError as error:
            if _seal_of(place) == seal_before:
                problems.append(error.what)
                return None
    return None


def _seal_of(place: Path) -> str:
    try:
        return read_checked(place / MANIFEST)["sha256"]
    except ValueError as error:
        return str(error)


def _read(place: Path) -> tuple[dict[str, Tensor], Any]:
    """Read a checkpoint whose every byte is as it was written. Raises DamagedError, naming the file."""
    name = f"{CHECKPOINTS}/{place.name}"
    try:
        entries, _finished = read_manifest(place)
    except ValueError as error:
        raise _damaged(f"{name}/{MANIFEST}", str(error)) from None
    content = {}
    for file in (WEIGHTS, TENSORS, STATE):
        try:
            size, sha256 = entries[file]["size"], entries[file]["sha256"]
            with open_inside(place, file) as opened:
                if os.fstat(opened.fileno()).st_size != size:
                    raise _damaged(f"{name}/{file}", _("its size changed"))
                data = opened.read()  # these very bytes are verified, then used
        except KeyError:
            raise _damaged(f"{name}/{MANIFEST}", _("it does not list {file}", file=file)) from None
        except FileNotFoundError:
            raise _damaged(f"{name}/{file}", _("missing")) from None
        except OSError as error:
            raise _damaged(f"{name}/{file}", error.strerror or str(error)) from None
        except ValueError as error:  # a link out of the checkpoint, or no regular file
            raise _damaged(f"{name}/{file}", str(error)) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _damaged(f"{name}/{file}", _("its content changed"))
        content[file] = data
    tensors = {}
    for file in (WEIGHTS, TENSORS):
        try:
            tensors[file] = from_bytes(content[file])
        except ValueError:
            raise _damaged(f"{name}/{file}", _("it is not a safetensors file")) from None
    try:
        state = restore_state(tensors[TENSORS], json.loads(content[STATE])["state"])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, RuntimeError):
        raise _damaged(f"{name}/{STATE}", _("it does not fit the tensors")) from None
    _sound.add(place.absolute())
    return tensors[WEIGHTS], state


def _damaged(file: str, reason: str) -> DamagedError:
    return DamagedError(_("'{file}' is damaged ({reason})", file=file, reason=reason))


__all__ = [
    "Checkpoint",
    "clean",
    "exists",
    "flatten_state",
    "load",
    "restore_state",
    "save",
    "weights_sha256",
]
