"""Hold out a part of recordings: whole groups where there are groups, else a fraction of each class or length.

Equal recordings stay in one part, so that no test recording was heard in training.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Int64, UInt8
from torch import Tensor

from axone.data.random import make_generator
from axone.data.split import stratified_split
from axone.errors import DataError
from axone.messages import _


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
