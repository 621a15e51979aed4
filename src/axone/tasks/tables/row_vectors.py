"""Rows of a table as vectors of numbers, for networks that take and return vectors, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.tables.columns import Columns, Encoded, column_positions, input_sizes, unscale
from axone.data.tables.encoder import CLIP
from axone.tasks.answers import GeneratedRow

LIMIT = 0.999 * CLIP  # of decoded numbers: the inverse of the smooth clipping grows without bound towards CLIP


def encode_vectors(rows: Encoded, columns: Columns) -> Float[Tensor, "rows width"]:
    """Return each row as its scaled numbers, followed by the one-hot encoding of its categories."""
    levels = sum(input_sizes(columns)[1])
    one_hot = torch.zeros(len(rows), levels).scatter_(1, rows.categories, 1.0)
    return torch.cat([rows.numbers, one_hot], 1)


def column_slices(columns: Columns) -> dict[str, list[int]]:
    """Return the positions of each column in a vector: its number and the indicator of a missing one, or its levels."""
    numbers, levels = input_sizes(columns)
    starts = np.cumsum([numbers, *levels]).tolist()
    slices = {}
    for name, in_numbers, in_categories in column_positions(columns):
        slices[name] = in_numbers or list(range(starts[in_categories[0]], starts[in_categories[0] + 1]))
    return slices


def sum_by_column(values: Float[Tensor, "rows width"], columns: Columns) -> dict[str, Float[Tensor, " rows"]]:
    """Return the sum of values over the positions of each column."""
    return {name: values[:, positions].sum(1) for name, positions in column_slices(columns).items()}


def decode_vectors(vectors: Float[Tensor, "rows width"], facts: Mapping[str, Any]) -> list[GeneratedRow]:
    """Return rows in the units of the columns: the most probable category, None for a missing value."""
    columns, slices = facts["columns"], column_slices(facts["columns"])
    values = vectors.detach().double().cpu().numpy()
    decoded: dict[str, list[Any]] = {}
    for fact in columns:
        part = values[:, slices[fact["name"]]]
        if fact["kind"] == "category":
            levels = ["", None, *fact["levels"]]  # unseen, missing, then the levels
            decoded[fact["name"]] = [levels[k] for k in part.argmax(1).tolist()]
            continue
        numbers = np.clip(part[:, 0], -LIMIT, LIMIT) if fact.get("clipped", True) else part[:, 0]
        is_missing = part[:, 1] > 0.5 if fact["missing"] else np.zeros(len(part), dtype=bool)
        pairs = zip(unscale(numbers, fact).tolist(), is_missing.tolist())
        decoded[fact["name"]] = [None if missing else value for value, missing in pairs]
    return [GeneratedRow(dict(zip(decoded, row))) for row in zip(*decoded.values())]
