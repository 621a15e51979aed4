"""A table to learn from: features with their kinds, targets as numbers, and what to know about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from axone.data.tables.files import import_polars
from axone.data.tables.values.column import Column


@dataclass(frozen=True)
class Table:
    """A table whose rows all have a target.

    Args:
        name: What it is called.
        source: Where it came from, for people.
        target: The columns to predict.
        task: "classification" or "regression"; "none" where nothing is predicted.
        classes: The names of the classes in order; empty for a regression, and where rows have no classes.
        targets: int64 (rows,), positions in `classes`; or float64 (rows, targets).
        features: A polars.DataFrame: Float64 for numbers and dates, String for categories, null where missing.
        columns: The columns of the features, in their order.
        dropped: The columns that are not used.
        notes: Sentences for people to read before training.
        target_columns: How the target is written in its file.
        weights: The weight of each row in the loss; None: 1.
    """

    name: str
    source: str
    target: tuple[str, ...]
    task: str
    classes: tuple[str, ...]
    targets: Tensor
    features: Any
    columns: tuple[Column, ...]
    dropped: tuple[Column, ...] = ()
    notes: tuple[str, ...] = ()
    target_columns: tuple[Column, ...] = ()
    weights: Float[Tensor, " rows"] | None = None

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.targets)

    def fingerprint(self) -> str:
        """Return a sha256 over the values: a resumed run must get the data that it was trained on."""
        digest = hashlib.sha256(repr((self.target, self.classes, self.features.columns)).encode())
        digest.update(self.targets.numpy().tobytes())
        text = import_polars().String
        for column in self.features.iter_columns():
            values = column.fill_null("\0").str.join("\x1f").item() if column.dtype == text else None
            digest.update(column.to_numpy().tobytes() if values is None else values.encode())
        return digest.hexdigest()
