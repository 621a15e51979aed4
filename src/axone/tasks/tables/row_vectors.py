"""Rows of a table as lines of numbers, for networks that take and give nothing else, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.tables.columns import CLIP, Columns, Encoded, column_positions, input_sizes, unscale
from axone.tasks.answers import GeneratedRow

LARGEST = 0.999 * CLIP  # beyond, what a decoder says of a bent number would be as good as infinite


def as_vectors(rows: Encoded, columns: Columns) -> Float[Tensor, "rows width"]:
    """Return encoded rows as one line of numbers each: numbers, then a 1 in the slot of each category, 0 elsewhere."""
    slots = sum(input_sizes(columns)[1])
    one_hot = torch.zeros(len(rows), slots).scatter_(1, rows.categories, 1.0)
    return torch.cat([rows.numbers, one_hot], 1)


def column_slices(columns: Columns) -> dict[str, list[int]]:
    """Return where each column stands in a row's line of numbers: its number, and its mark where one can be missing;
    or the slots of its categories."""
    numbers, slots = input_sizes(columns)
    starts = np.cumsum([numbers, *slots]).tolist()
    found = {}
    for name, in_numbers, in_words in column_positions(columns):
        found[name] = in_numbers if in_numbers else list(range(starts[in_words[0]], starts[in_words[0] + 1]))
    return found


def by_column(values: Float[Tensor, "rows width"], columns: Columns) -> dict[str, Float[Tensor, " rows"]]:
    """Return the sum over each column's numbers or slots."""
    return {name: values[:, where].sum(1) for name, where in column_slices(columns).items()}


def rows_of(made: Float[Tensor, "rows width"], facts: Mapping[str, Any]) -> list[GeneratedRow]:
    """Return rows that a decoder made, in the columns' own units: the likeliest category, None for a missing value."""
    columns, slices = facts["columns"], column_slices(facts["columns"])
    values = made.detach().double().cpu().numpy()
    named: dict[str, list[Any]] = {}
    for fact in columns:
        part = values[:, slices[fact["name"]]]
        if fact["kind"] == "category":
            words = ["", None, *fact["levels"]]  # of its slots: unseen, missing, then the levels
            named[fact["name"]] = [words[k] for k in part.argmax(1).tolist()]
            continue
        inside = np.clip(part[:, 0], -LARGEST, LARGEST) if fact.get("bent", True) else part[:, 0]
        absent = part[:, 1] > 0.5 if fact["missing"] else np.zeros(len(part), dtype=bool)
        plain = unscale(inside, fact).tolist()
        named[fact["name"]] = [None if gone else value for value, gone in zip(plain, absent.tolist())]
    return [GeneratedRow(dict(zip(named, row))) for row in zip(*named.values())]
