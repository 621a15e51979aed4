"""Columns as a network takes them: numbers near zero, categories as slots. What that needs is plain JSON.

A number is centered on the median, divided by the distance of the quartiles, and clipped smoothly, so that one wild
value does not rule the rest (Holzmüller et al. 2024, "Better by Default", arXiv:2407.04491, section 3). A missing one
becomes the median, and where some were missing in training a further column of 0 and 1 says so. A category becomes
the number of its slot: the first for what was not seen in training, the second for what is missing, then one for
each level; slots are numbered on from column to column. Levels seen once teach the first what the unseen is like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.tables.encoder import CLIP, FIRST, MISSING, UNSEEN, ColumnEncoder
from axone.data.tables.load import Table
from axone.data.tables.types import convert
from axone.errors import DataError, closest
from axone.messages import _, plural
from axone.numbers import number

MOST_LEVELS = 1000  # of a category, the most frequent ones; the rest shares the slot of the unseen
CHUNK = 65_536  # rows encoded at a time, which bounds the memory of float64 intermediates

Columns = Sequence[Mapping[str, Any]]  # as `fit_columns` gives them, and facts.json keeps them


@dataclass(frozen=True)
class Encoded:
    """Rows as a network takes them."""

    numbers: Float[Tensor, "rows numbers"]
    categories: Int64[Tensor, "rows categories"]

    def __len__(self) -> int:
        return len(self.numbers)


def fit_columns(table: Table, rows: Int64[Tensor, " rows"]) -> list[dict[str, Any]]:
    """Learn from the training rows how each column is scaled, or which levels it has: facts, as plain JSON."""
    frame = table.features[rows.numpy()]
    found: list[dict[str, Any]] = []
    for column, values in zip(table.columns, frame.iter_columns(), strict=True):
        fact: dict[str, Any] = {"name": column.name, "kind": column.kind}
        if column.decimal_comma:
            fact["decimal_comma"] = True
        if column.kind == "category":
            fact["levels"] = _levels(values)
        else:
            fact |= _scale(values.drop_nulls().to_numpy()) | {"missing": values.null_count() > 0}
        found.append(fact)
    return found


def _levels(values: Any) -> list[str]:
    counts = values.drop_nulls().value_counts(name="count").sort(["count", values.name], descending=[True, False])
    return counts.filter(counts["count"] > 1)[values.name].head(MOST_LEVELS).to_list()


def _scale(values: np.ndarray) -> dict[str, float]:
    if not len(values):
        return {"center": 0.0, "scale": 0.0}
    low, middle, high = (float(value) for value in np.quantile(values, (0.25, 0.5, 0.75)))
    # Where more than half the values are alike, the whole range stands for four quartile distances.
    width = high - low or (float(values.max()) - float(values.min())) / 2
    return {"center": middle, "scale": 1 / width if width > 0 and np.isfinite(1 / width) else 0.0}


def encode(frame: Any, columns: Columns) -> Encoded:
    """Turn a polars frame that has these columns, as `table_types.convert` leaves them, into tensors."""
    chunks = [raw_values(frame.slice(start, CHUNK), columns) for start in range(0, max(1, frame.height), CHUNK)]
    encoder = ColumnEncoder(columns)
    numbers, categories = zip(*(encoder(*chunk) for chunk in chunks))
    return Encoded(torch.cat(numbers), torch.cat(categories))


def raw_values(frame: Any, columns: Columns) -> tuple[Float[Tensor, "rows numbers"], Int64[Tensor, "rows categories"]]:
    """Return what `ColumnEncoder` takes: numbers in their own units (float64, NaN: missing), and category indices."""
    numbers = [frame[fact["name"]].to_numpy() for fact in columns if fact["kind"] != "category"]
    indices = [_indices(frame[fact["name"]], fact["levels"]) for fact in columns if fact["kind"] == "category"]
    return (
        torch.from_numpy(np.stack(numbers, axis=1) if numbers else np.zeros((frame.height, 0))),
        torch.from_numpy(np.stack(indices, axis=1) if indices else np.zeros((frame.height, 0), dtype=np.int64)),
    )


def unscale(values: Any, fact: Mapping[str, Any]) -> Any:
    """Return the numbers (one, or an array of them) of a column that `encode` turned into these."""
    if fact.get("clipped", True):
        values = values / np.sqrt(np.maximum(1e-12, 1 - (values / CLIP) ** 2))
    return values / fact["scale"] + fact["center"] if fact["scale"] else 0 * values + fact["center"]


def scale_together(table: Table, rows: Int64[Tensor, " rows"], columns: Columns) -> list[dict[str, Any]]:
    """Return the columns with all numbers centered on their means and divided by one deviation, that of them all.

    That is how principal components see a table: a column of large numbers counts more than others.
    """
    names = [fact["name"] for fact in columns if fact["kind"] != "category"]
    values = table.features[rows.numpy()].select(names)
    means = {name: float(values[name].mean() or 0.0) for name in names}
    squares = [float(((values[name] - means[name]) ** 2).mean() or 0.0) for name in names]
    scale = 1 / float(np.sqrt(np.mean(squares))) if any(squares) else 0.0
    plain = {"scale": scale, "clipped": False}
    return [{**fact, **({"center": means[fact["name"]], **plain} if fact["name"] in means else {})} for fact in columns]


def _indices(values: Any, levels: Sequence[str]) -> np.ndarray:
    import polars

    places = {level: FIRST + place for place, level in enumerate(levels)}
    if not places:
        found = polars.repeat(UNSEEN, len(values), dtype=polars.Int64, eager=True)
    else:
        found = values.replace_strict(places, default=UNSEEN, return_dtype=polars.Int64)
    return found.set(values.is_null(), MISSING).to_numpy()


def input_sizes(columns: Columns) -> tuple[int, list[int]]:
    """Return how many numbers a row has, and how many slots each of its categories."""
    numbers = [fact for fact in columns if fact["kind"] != "category"]
    flags = sum(fact["missing"] for fact in numbers)
    return len(numbers) + flags, [FIRST + len(fact["levels"]) for fact in columns if fact["kind"] == "category"]


def select_columns(frame: Any, columns: Columns, known: Sequence[str] = (), *, name: str = "") -> Any:
    """Bring rows that someone asks about into the form of the training table: columns by name, in any order.

    `known` are further columns that may be there (the target, columns that were not used). Raises DataError for a
    column that is missing, or that the model has never seen.
    """
    wanted = [fact["name"] for fact in columns]
    if missing := [column for column in wanted if column not in frame.columns]:
        near = closest(missing[0], frame.columns)
        raise DataError(
            plural(
                "{table} has no column {names}.", "{table} has no columns {names}.", len(missing),
                table=name or _("The table"), names=_named(missing),
            )
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("columns: {names}", names=", ".join(wanted[:20])),
        )  # fmt: skip
    if strange := [column for column in frame.columns if column not in wanted and column not in known]:
        raise DataError(
            plural(
                "{table} has a column that the model does not know: {names}.",
                "{table} has columns that the model does not know: {names}.", len(strange),
                table=name or _("The table"), names=_named(strange),
            ),
            expected=_("columns: {names}", names=", ".join(wanted[:20])),
            hint=_("leave it out, or train a model that knows it"),
        )  # fmt: skip
    return frame.select(
        convert(frame[fact["name"]], fact["kind"], decimal_comma=fact.get("decimal_comma", False)) for fact in columns
    )


def find_unseen(frame: Any, columns: Columns) -> dict[int, list[str]]:
    """Return, for rows with values that training never saw, what these are: row -> texts as `color = violet`."""
    found: dict[int, list[str]] = {}
    for fact in columns:
        if fact["kind"] == "category":
            values = frame[fact["name"]]
            strange = values.is_not_null()
            if fact["levels"]:
                strange &= ~values.is_in(fact["levels"])
            for row in strange.arg_true().to_list():
                found.setdefault(row, []).append(f"{fact['name']} = {values[row]}")
    return found


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return shown if len(names) <= 5 else shown + " " + _("and {count} more", count=number(len(names) - 5))


def column_positions(columns: Columns) -> list[tuple[str, list[int], list[int]]]:
    """Return, for each column, where it stands in encoded rows: its name, its numbers, its categories."""
    numbers = [fact["name"] for fact in columns if fact["kind"] != "category"]
    flagged = [fact["name"] for fact in columns if fact["kind"] != "category" and fact["missing"]]
    words = [fact["name"] for fact in columns if fact["kind"] == "category"]
    found: list[tuple[str, list[int], list[int]]] = []
    for name in (fact["name"] for fact in columns):
        if name in words:
            found.append((name, [], [words.index(name)]))
        else:
            flag = [len(numbers) + flagged.index(name)] if name in flagged else []
            found.append((name, [numbers.index(name), *flag], []))
    return found
