"""Find recordings that occur more than once where they should not: in training and in a test, or with two targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Int64, UInt8
from torch import Tensor


def find_duplicates(
    hashes: UInt8[np.ndarray, "recordings 16"], targets: Sequence[str], splits: Mapping[str, Int64[Tensor, " _"]]
) -> tuple[tuple[int, ...], ...]:
    """Return the groups of equal recordings (their indices) that are in two splits or have two targets.

    Recordings in no split are ignored.
    """
    split_of = {index: split for split, indices in splits.items() for index in indices.tolist()}
    groups: dict[bytes, list[int]] = {}
    for index in sorted(split_of):
        groups.setdefault(hashes[index].tobytes(), []).append(index)
    return tuple(
        tuple(group)
        for group in groups.values()
        if len({split_of[index] for index in group}) > 1 or len({targets[index] for index in group}) > 1
    )
