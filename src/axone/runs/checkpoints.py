"""Checkpoints that survive a kill, a full disk or a flipped bit.

    checkpoints/last/            weights.safetensors   the model's tensors, for any reader of safetensors
                                 state.safetensors     all other tensors: optimizers, averages, random states
                                 state.json            all other values
                                 manifest.json         size and sha256 of the three, and of itself
    checkpoints/last-previous/   the previous checkpoint of the slot "last", until the run is finished

A checkpoint is written under a temporary name, flushed, then renamed; the previous one is removed only when its
successor is known to be intact. Every byte is verified before it is used.
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
from axone.runs.storage import files
from axone.runs.storage.checked_json import encode_checked, read_checked
from axone.runs.storage.manifest import CHECKPOINTS, MANIFEST, PREVIOUS, read_manifest
from axone.runs.storage.reading import open_inside
from axone.runs.storage.tensors import (
    flatten_state,
    from_bytes,
    require_finite,
    restore_state,
    to_buffers,
    weights_sha256,
)
from axone.runs.storage.verification import verify_checkpoint
from axone.shell import quote

WEIGHTS, TENSORS, STATE = "weights.safetensors", "state.safetensors", "state.json"

# Checkpoints that this process wrote or verified, which need not be read again before the previous one is removed.
_intact: set[Path] = set()


class Checkpoint(NamedTuple):
    """The weights and the state that were saved, their folder, and warnings about damaged checkpoints."""

    weights: dict[str, Tensor]
    state: Any
    path: Path
    warnings: list[str]


def save(
    folder: Path | str, slot: str, *, weights: Mapping[str, Tensor], state: Any, keep_previous: bool = True
) -> Path:
    """Write a checkpoint of a run into a slot ("last", "best") and return its folder.

    Raises DivergedError, before a byte is written, when a value is not finite; ResourceError when the disk is full;
    RunError when the run's folder is gone. The checkpoint that the slot held is then still there.
    """
    folder = Path(folder)
    require_finite(weights, state)
    tensors, skeleton = flatten_state(state)
    content: dict[str, list[bytes | memoryview]] = {
        WEIGHTS: to_buffers(weights),
        TENSORS: to_buffers(tensors),
        STATE: [json.dumps({"version": 1, "state": skeleton}, allow_nan=False).encode()],
    }
    entries = {name: _describe(buffers) for name, buffers in content.items()}
    content[MANIFEST] = [encode_checked({"version": 1, "files": entries})]
    if not folder.is_dir():
        raise make_gone_error(folder)
    place = folder / CHECKPOINTS / slot
    files.make_folder(place.parent)
    clean(folder)
    temporary = files.temporary_path(place)
    try:
        files.make_folder(temporary)
        for name, buffers in content.items():
            files.write_new(temporary / name, *buffers, final_path=place / name)
        files.sync_folder(temporary)
        _publish(temporary, place)
    except BaseException:
        files.discard(temporary)
        raise
    if not keep_previous:
        remove_previous(folder, slot)
    return place


def load(folder: Path | str, *slots: str) -> Checkpoint:
    """Read the newest intact checkpoint of a slot; further slots are tried in turn when it has none.

    A damaged checkpoint is named in the warnings, and the previous one is used. Raises DamagedError when there are
    checkpoints but none is intact, RunError when there are none.
    """
    folder = Path(folder)
    problems: list[str] = []
    for slot in slots:
        place = folder / CHECKPOINTS / slot
        for candidate in (place, _previous(place)):
            content = _read_stable(candidate, problems)
            if content:
                return Checkpoint(*content, candidate, problems)
            _intact.discard(candidate.absolute())
    names = ", ".join(f"'{slot}'" for slot in slots)
    if not problems:
        raise RunError(
            _("The run '{folder}' has no checkpoint {names}.", folder=folder, names=names),
            hint=_("The run ended before its first checkpoint: train again."),
        )
    raise DamagedError(
        _("No checkpoint of '{folder}' can be used: {problems}.", folder=folder, problems="; ".join(problems)),
        hint=_("Restore the files from a copy of the run, or train again: axone train SYSTEM --config {settings}",
               settings=quote(folder / "settings.toml")),
    )  # fmt: skip


def exists(folder: Path | str, slot: str) -> bool:
    """Return whether a slot holds a checkpoint or a previous one, intact or not."""
    place = Path(folder) / CHECKPOINTS / slot
    return place.is_dir() or _previous(place).is_dir()


def remove_previous(folder: Path, slot: str) -> None:
    """Remove the previous checkpoint of a slot whose current one this process wrote or verified."""
    place = folder / CHECKPOINTS / slot
    if place.absolute() in _intact and (retired := _retire(_previous(place))):
        files.remove(retired)


def clean(folder: Path | str) -> None:
    """Remove incomplete checkpoints of a killed process. Only the process that holds the run's lock may call this."""
    files.remove_temporaries(Path(folder) / CHECKPOINTS)


def make_gone_error(folder: Path) -> RunError:
    """Return the error for a run's folder that no longer exists."""
    return RunError(
        _("The run's folder '{folder}' is gone: it was deleted or moved meanwhile.", folder=folder),
        hint=_("Put it back, or train again."),
    )


def _describe(buffers: list[bytes | memoryview]) -> dict[str, Any]:
    """Return the manifest's entry for a file of these buffers."""
    digest = hashlib.sha256()
    for buffer in buffers:
        digest.update(buffer)
    return {"size": sum(map(len, buffers)), "sha256": digest.hexdigest()}


def _previous(place: Path) -> Path:
    return place.with_name(place.name + PREVIOUS)


def _publish(temporary: Path, place: Path) -> None:
    """Rename a complete checkpoint to its place; at every instant an intact one is on the disk."""
    previous = _previous(place)
    retired = None
    if place.exists():
        # The checkpoint of another process may be damaged; then the previous one is the only intact one.
        intact = place.absolute() in _intact or not previous.exists() or not verify_checkpoint(place, place.name)
        if intact:
            retired = _retire(previous)
            files.rename(place, previous)
        else:
            retired = _retire(place)
    files.rename(temporary, place)
    _intact.add(place.absolute())
    files.sync_folder(place.parent)
    if retired:
        files.remove(retired)


def _retire(place: Path) -> Path | None:
    """Rename a checkpoint to a temporary name, because a partly removed one would look damaged; return that path."""
    if not place.exists():
        return None
    retired = files.temporary_path(place)
    files.rename(place, retired)
    return retired


def _read_stable(place: Path, problems: list[str]) -> tuple[dict[str, Tensor], Any] | None:
    """Read a checkpoint, again when its writer replaced it meanwhile; add to `problems` why it cannot be read."""
    for _attempt in range(10):
        if not place.is_dir():
            return None
        hash_before = _read_manifest_hash(place)
        try:
            return _read(place)
        except AxoneError as error:
            if _read_manifest_hash(place) == hash_before:
                problems.append(error.what)
                return None
    return None


def _read_manifest_hash(place: Path) -> str:
    try:
        return read_checked(place / MANIFEST)["sha256"]
    except ValueError as error:
        return str(error)


def _read(place: Path) -> tuple[dict[str, Tensor], Any]:
    """Read a checkpoint, verifying every byte. Raises DamagedError, naming the file."""
    name = f"{CHECKPOINTS}/{place.name}"
    try:
        entries, _finished = read_manifest(place)
    except ValueError as error:
        raise _make_damage_error(f"{name}/{MANIFEST}", str(error)) from None
    content = {}
    for file in (WEIGHTS, TENSORS, STATE):
        try:
            size, sha256 = entries[file]["size"], entries[file]["sha256"]
            with open_inside(place, file) as opened:
                if os.fstat(opened.fileno()).st_size != size:
                    raise _make_damage_error(f"{name}/{file}", _("its size changed"))
                data = opened.read()  # these very bytes are verified, then used
        except KeyError:
            raise _make_damage_error(f"{name}/{MANIFEST}", _("it does not list {file}", file=file)) from None
        except FileNotFoundError:
            raise _make_damage_error(f"{name}/{file}", _("missing")) from None
        except OSError as error:
            raise _make_damage_error(f"{name}/{file}", error.strerror or str(error)) from None
        except ValueError as error:  # a link out of the checkpoint, or no regular file
            raise _make_damage_error(f"{name}/{file}", str(error)) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _make_damage_error(f"{name}/{file}", _("its content changed"))
        content[file] = data
    tensors = {}
    for file in (WEIGHTS, TENSORS):
        try:
            tensors[file] = from_bytes(content[file])
        except ValueError:
            raise _make_damage_error(f"{name}/{file}", _("it is not a safetensors file")) from None
    try:
        state = restore_state(tensors[TENSORS], json.loads(content[STATE])["state"])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, RuntimeError):
        raise _make_damage_error(f"{name}/{STATE}", _("it does not fit the tensors")) from None
    _intact.add(place.absolute())
    return tensors[WEIGHTS], state


def _make_damage_error(file: str, reason: str) -> DamagedError:
    return DamagedError(_("'{file}' is damaged ({reason})", file=file, reason=reason))


__all__ = [
    "Checkpoint",
    "clean",
    "exists",
    "flatten_state",
    "load",
    "remove_previous",
    "restore_state",
    "save",
    "weights_sha256",
]
