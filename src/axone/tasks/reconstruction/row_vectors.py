"""Rows of a table as vectors, for networks whose input and output are one vector: numbers and one-hot categories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.tables.columns import Columns, Encoded, column_positions, input_sizes
from axone.data.tables.encoder import CLIP, MISSING, UNSEEN, ColumnEncoder
from axone.tasks.answers import GeneratedRow

LARGEST = 0.999 * CLIP  # a clipped number beyond this would be decoded to a practically infinite value

RowVectors = Float[Tensor, "rows width"]


def encode_vectors(rows: Encoded, columns: Columns) -> RowVectors:
    """Return encoded rows as vectors: scaled numbers, indicators of missing values, then one-hot categories."""
    return _concatenate(rows.numbers, rows.categories, sum(input_sizes(columns)[1]))


def vector_positions(columns: Columns) -> dict[str, list[int]]:
    """Return the positions of each column in a row's vector.

    A column of numbers has its number and, where values can be missing, the indicator; a category has one position
    for each of its indices.
    """
    numbers, slots = input_sizes(columns)
    starts = np.cumsum([numbers, *slots]).tolist()
    positions = {}
    for name, of_numbers, of_categories in column_positions(columns):
        if of_numbers:
            positions[name] = of_numbers
        else:
            (category,) = of_categories
            positions[name] = list(range(starts[category], starts[category + 1]))
    return positions


def sum_by_column(values: RowVectors, columns: Columns) -> dict[str, Float[Tensor, " rows"]]:
    """Return the sum over the positions of each column."""
    return {name: values[:, where].sum(1) for name, where in vector_positions(columns).items()}


class RowVectorEncoder(nn.Module):
    """Raw values of rows -> vectors, as `ColumnEncoder` and `encode_vectors` compute them."""

    def __init__(self, columns: Columns) -> None:
        super().__init__()
        self.encoder = ColumnEncoder(columns)
        self.slots = sum(input_sizes(columns)[1])

    def forward(
        self, numbers: Float[Tensor, "rows numbers"], categories: Int64[Tensor, "rows categories"]
    ) -> RowVectors:
        """Encode numbers in their own units (float64, NaN: missing) and category indices."""
        scaled, indices = self.encoder(numbers, categories)
        return _concatenate(scaled, indices, self.slots)


class RowVectorDecoder(nn.Module):
    """Vectors -> values in the units of the columns, in float64: the inverse of `RowVectorEncoder`."""

    center: Float[Tensor, " numbers"]
    scale: Float[Tensor, " numbers"]
    is_clipped: Tensor  # [numbers], bool
    indicators: Int64[Tensor, " numbers"]  # the position of each number's indicator; its own position without one
    has_indicator: Tensor  # [numbers], bool

    def __init__(self, columns: Columns) -> None:
        super().__init__()
        positions = vector_positions(columns)
        facts = [fact for fact in columns if fact["kind"] != "category"]
        self.categories = [positions[fact["name"]] for fact in columns if fact["kind"] == "category"]
        buffers = {
            "center": torch.tensor([fact["center"] for fact in facts], dtype=torch.float64),
            "scale": torch.tensor([fact["scale"] for fact in facts], dtype=torch.float64),
            "is_clipped": torch.tensor([fact.get("clipped", True) for fact in facts], dtype=torch.bool),
            "indicators": torch.tensor([positions[fact["name"]][-1] for fact in facts], dtype=torch.int64),
            "has_indicator": torch.tensor([bool(fact["missing"]) for fact in facts], dtype=torch.bool),
        }
        for name, value in buffers.items():
            self.register_buffer(name, value, persistent=False)

    def forward(self, vectors: RowVectors) -> tuple[Float[Tensor, "rows numbers"], Int64[Tensor, "rows categories"]]:
        """Return numbers (NaN: missing) and the most likely category indices, in the order of the columns."""
        vectors = vectors.double()
        scaled = vectors[:, : len(self.center)]
        inside = scaled.clamp(-LARGEST, LARGEST)
        unclipped = inside / (1 - (inside / CLIP).square()).clamp_min(1e-12).sqrt()
        scaled = torch.where(self.is_clipped, unclipped, scaled)
        constant = self.scale == 0
        numbers = torch.where(constant, 0 * scaled, scaled / self.scale.masked_fill(constant, 1.0)) + self.center
        missing = self.has_indicator & (vectors[:, self.indicators] > 0.5)
        likeliest = [vectors[:, where[0] : where[-1] + 1].argmax(1) for where in self.categories]
        categories = torch.stack(likeliest, 1) if likeliest else torch.zeros_like(vectors[:, :0], dtype=torch.int64)
        return numbers.masked_fill(missing, torch.nan), categories


def to_rows(
    numbers: Float[Tensor, "rows numbers"], categories: Int64[Tensor, "rows categories"], columns: Columns
) -> list[GeneratedRow]:
    """Return decoded values by column: None for a missing one, "" for a category that training did not see."""
    by_name: dict[str, list[Any]] = {}
    kinds = {kind: iter(values.T.tolist()) for kind, values in (("number", numbers), ("category", categories))}
    for fact in columns:
        values = next(kinds["category" if fact["kind"] == "category" else "number"])
        if fact["kind"] == "category":
            words = {UNSEEN: "", MISSING: None, **dict(enumerate(fact["levels"], MISSING + 1))}
            by_name[fact["name"]] = [words[index] for index in values]
        else:
            by_name[fact["name"]] = [None if value != value else value for value in values]
    return [GeneratedRow(dict(zip(by_name, row))) for row in zip(*by_name.values())]


def decode_vectors(vectors: RowVectors, facts: Mapping[str, Any]) -> list[GeneratedRow]:
    """Return the rows that vectors stand for, in the units of the columns."""
    columns = facts["columns"]
    numbers, categories = RowVectorDecoder(columns)(vectors.detach().cpu())
    return to_rows(numbers, categories, columns)


def _concatenate(
    numbers: Float[Tensor, "rows numbers"], categories: Int64[Tensor, "rows categories"], slots: int
) -> RowVectors:
    one_hot = torch.zeros(categories.shape[0], slots, device=categories.device).scatter_(1, categories, 1.0)
    return torch.cat([numbers, one_hot], 1)
