"""Columns as the inputs of a network: scaled numbers and indices of categories. The parameters are plain JSON.

A number is centered on the median, divided by the interquartile range, and clipped smoothly, so that outliers do not
dominate (Holzmüller et al. 2024, "Better by Default", arXiv:2407.04491, section 3). A missing number becomes the
median, and where some were missing in training an indicator (0 or 1) is added. A category becomes an index: the first
for values that training did not see, the second for missing values, then one for each level. Indices continue from
column to column. Levels that occur once are treated as unseen, so that the network learns from them what unseen is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.tables.encoder import CLIP, FIRST_LEVEL, MISSING, UNSEEN, ColumnEncoder
from axone.data.tables.table import Table

MAX_LEVELS = 1000  # of a category, the most frequent ones; the others share the index of unseen values
CHUNK = 65_536  # rows encoded at a time, which bounds the memory of float64 intermediates

Columns = Sequence[Mapping[str, Any]]  # as `fit_columns` returns them and facts.json stores them


@dataclass(frozen=True)
class Encoded:
    """Rows of a table as the inputs of a network."""

    numbers: Float[Tensor, "rows numbers"]
    categories: Int64[Tensor, "rows categories"]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.numbers)


def fit_columns(table: Table, rows: Int64[Tensor, " rows"]) -> list[dict[str, Any]]:
    """Return the facts of each column as plain JSON: how training rows scale its numbers, or which levels it has."""
    frame = table.features[rows.numpy()]
    facts: list[dict[str, Any]] = []
    for column, values in zip(table.columns, frame.iter_columns(), strict=True):
        fact: dict[str, Any] = {"name": column.name, "kind": column.kind, "notation": dict(column.notation)}
        if column.kind == "category":
            fact["levels"] = _fit_levels(values)
        else:
            fact |= _fit_scale(values.drop_nulls().to_numpy())
        fact["missing"] = values.null_count() > 0
        facts.append(fact)
    return facts


def _fit_levels(values: Any) -> list[str]:
    counts = values.drop_nulls().value_counts(name="count").sort(["count", values.name], descending=[True, False])
    return counts.filter(counts["count"] > 1)[values.name].head(MAX_LEVELS).to_list()


def _fit_scale(values: np.ndarray) -> dict[str, float]:
    if not len(values):
        return {"center": 0.0, "scale": 0.0}
    low, middle, high = (float(value) for value in np.quantile(values, (0.25, 0.5, 0.75)))
    # Where more than half of the values are equal, half of the whole range replaces the interquartile range.
    width = high - low or (float(values.max()) - float(values.min())) / 2
    return {"center": middle, "scale": 1 / width if width > 0 and np.isfinite(1 / width) else 0.0}


def encode(frame: Any, columns: Columns) -> Encoded:
    """Return the rows of a polars frame as tensors; its columns are as `convert_columns` returns them."""
    chunks = [raw_values(frame.slice(start, CHUNK), columns) for start in range(0, max(1, frame.height), CHUNK)]
    encoder = ColumnEncoder(columns)
    numbers, categories = zip(*(encoder(*chunk) for chunk in chunks))
    return Encoded(torch.cat(numbers), torch.cat(categories))


def raw_values(frame: Any, columns: Columns) -> tuple[Float[Tensor, "rows numbers"], Int64[Tensor, "rows categories"]]:
    """Return the input of `ColumnEncoder`: numbers in their own units (float64, NaN: missing) and category indices."""
    numbers = [frame[fact["name"]].to_numpy() for fact in columns if fact["kind"] != "category"]
    indices = [_indices(frame[fact["name"]], fact["levels"]) for fact in columns if fact["kind"] == "category"]
    return (
        torch.from_numpy(np.stack(numbers, axis=1) if numbers else np.zeros((frame.height, 0))),
        torch.from_numpy(np.stack(indices, axis=1) if indices else np.zeros((frame.height, 0), dtype=np.int64)),
    )


def unscale(values: Any, fact: Mapping[str, Any]) -> Any:
    """Return the numbers in their own units (one, or an array) of a column that `encode` scaled."""
    if fact.get("clipped", True):
        values = values / np.sqrt(np.maximum(1e-12, 1 - (values / CLIP) ** 2))
    return values / fact["scale"] + fact["center"] if fact["scale"] else 0 * values + fact["center"]


def scale_together(table: Table, rows: Int64[Tensor, " rows"], columns: Columns) -> list[dict[str, Any]]:
    """Return the facts of columns whose numbers are all divided by the same standard deviation.

    Numbers are centered on their means. That is the scaling of principal component analysis without standardization:
    a column of large numbers counts more than others.
    """
    names = [fact["name"] for fact in columns if fact["kind"] != "category"]
    values = table.features[rows.numpy()].select(names)
    means = {name: float(values[name].mean() or 0.0) for name in names}
    squares = [float(((values[name] - means[name]) ** 2).mean() or 0.0) for name in names]
    scale = 1 / float(np.sqrt(np.mean(squares))) if any(squares) else 0.0
    common = {"scale": scale, "clipped": False}
    return [
        {**fact, **({"center": means[fact["name"]], **common} if fact["name"] in means else {})} for fact in columns
    ]


def _indices(values: Any, levels: Sequence[str]) -> np.ndarray:
    import polars

    indices = {level: FIRST_LEVEL + position for position, level in enumerate(levels)}
    if not indices:
        indexed = polars.repeat(UNSEEN, len(values), dtype=polars.Int64, eager=True)
    else:
        indexed = values.replace_strict(indices, default=UNSEEN, return_dtype=polars.Int64)
    return indexed.set(values.is_null(), MISSING).to_numpy()


def input_sizes(columns: Columns) -> tuple[int, list[int]]:
    """Return how many numbers an encoded row has, and how many indices each of its categories has."""
    numbers = [fact for fact in columns if fact["kind"] != "category"]
    indicators = sum(fact["missing"] for fact in numbers)
    return len(numbers) + indicators, [
        FIRST_LEVEL + len(fact["levels"]) for fact in columns if fact["kind"] == "category"
    ]


def find_unseen(frame: Any, columns: Columns) -> dict[int, list[str]]:
    """Return the values that training did not see, by row, as texts like `color = violet`."""
    texts: dict[int, list[str]] = {}
    for fact in columns:
        if fact["kind"] == "category":
            values = frame[fact["name"]]
            unseen = values.is_not_null()
            if fact["levels"]:
                unseen &= ~values.is_in(fact["levels"])
            for row in unseen.arg_true().to_list():
                texts.setdefault(row, []).append(f"{fact['name']} = {values[row]}")
    return texts


def column_positions(columns: Columns) -> list[tuple[str, list[int], list[int]]]:
    """Return the name of each column, and the positions of its numbers and of its categories in encoded rows."""
    numbers = [fact["name"] for fact in columns if fact["kind"] != "category"]
    with_indicator = [fact["name"] for fact in columns if fact["kind"] != "category" and fact["missing"]]
    categories = [fact["name"] for fact in columns if fact["kind"] == "category"]
    positions: list[tuple[str, list[int], list[int]]] = []
    for name in (fact["name"] for fact in columns):
        if name in categories:
            positions.append((name, [], [categories.index(name)]))
        else:
            indicator = [len(numbers) + with_indicator.index(name)] if name in with_indicator else []
            positions.append((name, [numbers.index(name), *indicator], []))
    return positions
