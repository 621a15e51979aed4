"""Divide texts into training, validation and test, with the same share of each class."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.split import stratified_split


def split_texts(
    collection: LabeledTexts, *, test: float, validation: float, limit: int, seed: int
) -> dict[str, Int64[Tensor, " _"]]:
    """Return the numbers of the texts of "train", "validation" and "test".

    Equal texts (apart from case and spaces) go into the same part, so that no text is learned and measured.

    Args:
        collection: The texts; parts that their source names are kept.
        test: The fraction of the texts that is held out as the test set.
        validation: The fraction of the others that is held out for validation.
        limit: The largest number of training texts; 0: all.
        seed: The seed of the draws.
    """
    every = torch.arange(len(collection.texts))
    parts = collection.parts
    if parts:
        train, held_out = parts["train"], parts.get("test", every[:0])
    else:
        train, held_out = _hold_out(collection, every, test, seed)
    if "validation" in parts:
        selected = parts["validation"]
    else:
        train, selected = _hold_out(collection, train, validation, seed)
    if limit and limit < len(train):
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(seed))
        train = train[order][:limit].sort().values
    return {"train": train, "validation": selected, "test": held_out}


def _hold_out(
    collection: LabeledTexts, rows: Int64[Tensor, " rows"], fraction: float, seed: int
) -> tuple[Int64[Tensor, " kept"], Int64[Tensor, " held_out"]]:
    """Split rows so that equal texts stay together: the first of them decides for all."""
    first: dict[str, int] = {}
    keys = [" ".join(collection.texts[row].casefold().split()) for row in rows.tolist()]
    leader = torch.tensor([first.setdefault(key, place) for place, key in enumerate(keys)], dtype=torch.int64)
    leaders = (leader == torch.arange(len(rows))).nonzero().flatten()
    strata = number_strata(collection.targets[rows[leaders]])
    _kept, drawn = stratified_split(strata, fraction, seed)
    is_drawn = torch.zeros(len(rows), dtype=torch.bool)
    is_drawn[leaders[drawn]] = True
    is_drawn = is_drawn[leader] if len(rows) else is_drawn
    return rows[~is_drawn], rows[is_drawn]


def number_strata(targets: Tensor) -> Int64[Tensor, " rows"]:
    """Return the stratum of each row: its class; with several labels, its rarest label."""
    if targets.ndim == 1:
        return targets
    if not len(targets):
        return torch.zeros(0, dtype=torch.int64)
    frequency = targets.sum(0)
    rarity = torch.where(targets > 0, frequency, float("inf"))
    return torch.where(targets.any(1), rarity.argmin(1), targets.shape[1])
