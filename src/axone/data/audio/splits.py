"""The splits of a data set of recordings: its own, groups that are named, or a part that is held out.

Where there are groups, whole groups are held out, else a fraction of each class or length.

Equal recordings stay in one part, so that no test recording was heard in training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Bool, Int64, UInt8
from torch import Tensor

from axone.data.audio.audio_data import AudioData
from axone.data.random import make_generator
from axone.data.split import stratified_split
from axone.errors import DataError
from axone.messages import _, plural

_STRATA = 3  # of transcripts, by their length


def hold_out_some(
    strata: Int64[Tensor, " samples"], hashes: UInt8[np.ndarray, "samples 16"], fraction: float, seed: int
) -> Bool[Tensor, " samples"]:
    """Return which samples are held out: a fraction of each stratum, without those that are equal to a remaining one.

    Args:
        strata: The class of each recording, or its third by length.
        hashes: Equal for equal recordings.
        fraction: From 0 to below 1.
        seed: The seed of the draws.
    """
    held_out = torch.zeros(len(strata), dtype=torch.bool)
    held_out[stratified_split(strata, fraction, seed)[1]] = True
    keys = [row.tobytes() for row in hashes]
    remaining = {key for key, out in zip(keys, held_out.tolist(), strict=True) if not out}
    return held_out & torch.tensor([key not in remaining for key in keys], dtype=torch.bool)


def hold_out_groups(groups: Sequence[str], fraction: float, seed: int) -> Bool[Tensor, " samples"]:
    """Return which samples are held out: those of groups drawn at random, together about a fraction of all.

    At least one group is held out, and at least one remains. Raises DataError where there is a single group.
    """
    names = sorted(set(groups))
    if len(names) < 2:
        raise DataError(
            _("All recordings are of one group ({name}), so that none can be held out.", name=names[0]),
            hint=_("leave --group out"),
        )
    counts = [groups.count(name) for name in names]
    order = torch.randperm(len(names), generator=make_generator("groups", seed)).tolist()
    chosen: set[str] = set()
    count = 0
    for place in order[:-1]:
        if chosen and abs(count + counts[place] - fraction * len(groups)) >= abs(count - fraction * len(groups)):
            continue
        chosen.add(names[place])
        count += counts[place]
    return torch.tensor([name in chosen for name in groups], dtype=torch.bool)


def select_groups(groups: Sequence[str], names: Sequence[str]) -> Bool[Tensor, " samples"]:
    """Return which samples are of some groups. Raises DataError for a group that does not exist."""
    known = sorted(set(groups))
    for name in names:
        if name not in known:
            raise DataError(
                _("There is no group '{name}'.", name=name),
                expected=_("expected one of: {choices}", choices=", ".join(known)),
            )
    if set(names) == set(known):
        raise DataError(_("All groups are held out, so that nothing remains to train on."))
    return torch.tensor([group in names for group in groups], dtype=torch.bool)


def add_splits(
    data: AudioData, own_splits: list[str], held_out: Sequence[str], fraction: float, seed: int
) -> AudioData:
    """Return the data with its splits: groups that are named, those that it has, else a part that is held out."""
    everything = torch.arange(len(data.recordings))
    notes: list[str] = []
    if held_out:
        if not data.groups:
            raise DataError(
                _("These recordings have no groups, so that none can be held out."),
                hint=_("name the groups first: {command}", command="--group '*_{group}_*'"),
            )
        out = select_groups(data.groups, held_out)
        splits = {"train": everything[~out], "test": everything[out]}
        notes.append(_("The test set is of groups that training does not contain: {names}.", names=", ".join(held_out)))
    elif any(own_splits):
        splits = {
            split: torch.tensor([i for i, own in enumerate(own_splits) if (own or "train") == split], dtype=torch.int64)
            for split in ("train", "validation", "test")
        }
        if not len(splits["validation"]):
            del splits["validation"]
        if not len(splits["test"]) and fraction:
            splits["train"], splits["test"] = hold_out(data, splits["train"], fraction, seed)
    else:
        train, test = hold_out(data, everything, fraction, seed)
        splits = {"train": train, "test": test}
        if len(test) and data.groups:
            names = sorted({data.groups[index] for index in test.tolist()})
            notes.append(
                plural("The test set is of {count} group that training does not contain: {names}.",
                       "The test set is of {count} groups that training does not contain: {names}.",
                       len(names), names=", ".join(names[:8]) + (", ..." if len(names) > 8 else ""))
            )  # fmt: skip
        elif len(test):
            notes.append(
                plural(
                    "There is no test set: {count} recording was held out of training to test on (seed {seed}).",
                    "There is no test set: {count} recordings were held out of training to test on (seed {seed}).",
                    len(test), seed=seed,
                )
            )  # fmt: skip
    return replace(data, splits=splits, notes=(*data.notes, *notes))


def hold_out(
    data: AudioData, indices: Int64[Tensor, " _"], fraction: float, seed: int
) -> tuple[Int64[Tensor, " kept"], Int64[Tensor, " held_out"]]:
    """Split some recordings of a data set, for example into training and validation: whole groups where it has groups.

    Otherwise the fraction is taken of each class, or of each third of the transcripts by length. Equal recordings stay
    in one part. With a single group left, the fraction is taken as without groups.
    """
    groups = [data.groups[index] for index in indices.tolist()] if data.groups else []
    if fraction == 0 or not len(indices):
        out = torch.zeros(len(indices), dtype=torch.bool)
    elif len(set(groups)) > 1:
        out = hold_out_groups(groups, fraction, seed)
    else:
        strata = data.labels[indices]
        if data.has_transcripts:
            lengths = torch.tensor([len(data.transcripts[index]) for index in indices.tolist()])
            strata = lengths.argsort(stable=True).argsort(stable=True) * _STRATA // max(1, len(indices))
        out = hold_out_some(strata, data.recordings.hashes[indices.numpy()], fraction, seed)
    return indices[~out], indices[out]


def read_official_split(name: str) -> str:
    """Return the split of a recording of the free spoken digits: takes 0 to 4 are the test set."""
    take = name.rpartition(".")[0].rpartition("_")[2]
    return "test" if take in ("0", "1", "2", "3", "4") else "train"
