"""Hold out a fraction of the samples of each class (a stratified split).

The result depends on the labels, the fraction and the seed alone. Each class has a generator of its own, so a class or
a sample that is added to one class does not change the split of another. The indices are sorted, so the order of the
draws has no effect on what follows. Within a class, samples are identified by their position in `labels`: the same
files must be listed in the same order to get the same split.
"""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.random import make_generator


def stratified_split(
    labels: Int64[Tensor, " samples"], fraction: float, seed: int
) -> tuple[Int64[Tensor, " kept"], Int64[Tensor, " held_out"]]:
    """Return the indices to keep and the indices to hold out, both sorted.

    A class with two samples or more has at least one in both parts. A class with a single sample keeps it.

    Args:
        labels: The class of each sample.
        fraction: The fraction of each class to hold out, from 0 (nothing) to below 1.
        seed: The seed of the draws.

    Raises:
        ValueError: The fraction is out of range.
    """
    if not 0 <= fraction < 1:
        raise ValueError(f"fraction must be at least 0 and below 1, not {fraction}")
    held_out = torch.zeros(len(labels), dtype=torch.bool)
    if fraction > 0:
        for label in torch.unique(labels).tolist():
            samples = (labels == label).nonzero().flatten()
            if len(samples) < 2:
                continue
            count = min(max(round(len(samples) * fraction), 1), len(samples) - 1)
            drawn = torch.randperm(len(samples), generator=make_generator("split", seed, label))[:count]
            held_out[samples[drawn]] = True
    return (~held_out).nonzero().flatten(), held_out.nonzero().flatten()
