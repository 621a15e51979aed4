"""Hold out a share of the samples, class by class (a stratified split).

What is held out depends on three things only: the labels, the share and the seed. Each class draws from
a generator of its own, so adding a class or a sample to one class does not move the samples of another.
Both answers come sorted, so nothing of the draw's order leaks into what follows. Within a class, samples
are told apart by their place in `labels`: list files in a fixed order (sorted names) to get the same split.
"""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.random import make_generator


def stratified_split(
    labels: Int64[Tensor, " samples"], share: float, seed: int
) -> tuple[Int64[Tensor, " kept"], Int64[Tensor, " held_out"]]:
    """Return the indices to keep and those to hold out, both in rising order.

    `share` is the part held out, from 0 (nothing) to below 1. A class of two samples or more has at least
    one on each side; a class of a single sample keeps it, because a network cannot learn what it never saw.
    """
    if not 0 <= share < 1:
        raise ValueError(f"share must be at least 0 and below 1, not {share}")
    held_out = torch.zeros(len(labels), dtype=torch.bool)
    if share > 0:
        for label in torch.unique(labels).tolist():
            members = (labels == label).nonzero().flatten()
            if len(members) < 2:
                continue
            count = min(max(round(len(members) * share), 1), len(members) - 1)
            drawn = torch.randperm(len(members), generator=make_generator("split", seed, label))[:count]
            held_out[members[drawn]] = True
    return (~held_out).nonzero().flatten(), held_out.nonzero().flatten()
