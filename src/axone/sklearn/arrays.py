"""Arrays of numbers as tables of Axone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars
import torch
from jaxtyping import Float, Int64

from axone.data.tables.table import Table
from axone.data.tables.values.infer import infer_column

TARGET = "(target)"


def table_from_array(
    X: Float[np.ndarray, "rows columns"],
    labels: Int64[np.ndarray, " rows"] | None = None,
    classes: Sequence[str] = (),
    weights: Float[np.ndarray, " rows"] | None = None,
) -> Table:
    """Return the rows of an array as a table whose columns are named by number.

    Args:
        X: Numbers.
        labels: The class index of each row; None: the table has no target.
        classes: The names of the classes.
        weights: The weight of each row in the loss; None: 1.
    """
    inferred = [infer_column(polars.Series(str(k), X[:, k]), "number") for k in range(X.shape[1])]
    columns, series = zip(*inferred)
    targets = torch.zeros(len(X), dtype=torch.int64) if labels is None else torch.from_numpy(labels)
    names, task = ((), "none") if labels is None else ((TARGET,), "classification")
    return Table(
        "X", "from Python", names, task, tuple(classes), targets, polars.DataFrame(list(series)), columns,
        weights=to_tensor(weights),
    )  # fmt: skip


def to_tensor(weights: Float[np.ndarray, " rows"] | None) -> Float[torch.Tensor, " rows"] | None:
    """Return the weights of rows as a table holds them."""
    return None if weights is None else torch.from_numpy(weights).float()
