"""Load a table to learn from: a table with a name, a file, or data in memory.

`load_table` returns everything: features with their kinds, targets as numbers, classes, and all that people should
know before training (`Table.notes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from axone.data.split import stratified_split
from axone.data.tables.files import TableContent, import_polars
from axone.data.tables.sources import read_source
from axone.data.tables.table import Table
from axone.data.tables.target import (
    choose_targets,
    delimiter_hint,
    drop_rows_without_target,
    encode_labels,
    encode_target,
    require_columns,
)
from axone.data.tables.types import Column, check_kinds, infer_column
from axone.errors import DataError
from axone.messages import _
from axone.progress import Progress, ignore_progress

STRATA = 10  # parts, by size, from each of which a split of numbers takes its fraction


def load_table(
    source: Any,
    target: str | Sequence[str] | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    task: str = "auto",
    classes: Sequence[str] | None = None,
    labeled: bool = True,
    progress: Progress = ignore_progress,
) -> Table:
    """Load a table.

    Args:
        source: The name of a table, the path of a CSV, TSV or Parquet file, or data in memory: a frame, an array,
            rows, columns, or a `Table`, which is returned unchanged.
        target: The column to predict, or several (a list, or separated by commas). A table with a name has its own;
            that of an array is its last column, unless a number names another.
        kinds: The kind of values of some columns (`types.KINDS`), instead of the inferred one.
        task: "auto", or what the target is taken for: "classification", "regression".
        classes: The classes in their order, when a run knows them already.
        labeled: False: nothing is predicted. A target is then left out of the features, and kept as classes where
            it names some.
        progress: Called once, because a table is read in one go.

    Raises:
        DataError: The table cannot be read or used, or has no such column.
        ResourceError: It does not fit into memory, may not be read, or a library is missing.
    """
    if isinstance(source, Table):
        return source
    progress(_("reading the table"), 0, 0)
    content, own_target = read_source(source)
    target = target or own_target
    kinds = dict(kinds or {})
    if content.frame.height == 0:
        raise DataError(_("'{name}' has column names, but no rows.", name=content.name))
    targets = choose_targets(content, target) if labeled or target else []
    check_kinds(kinds)
    require_columns(content, kinds, _("--columns names"))
    frame, target_values, notes = drop_rows_without_target(content.frame, targets)
    if labeled:
        task, names, encoded = encode_target(content, target_values, targets, task, classes)
    else:
        task, names, encoded = "none", *encode_labels(target_values, frame.height, classes)
    columns, features = _infer_features(content, frame.drop(targets), kinds, targets)
    return Table(
        content.name,
        content.source,
        tuple(targets),
        task,
        names,
        encoded,
        features,
        columns=tuple(column for column in columns if column.kind != "drop"),
        dropped=tuple(column for column in columns if column.kind == "drop"),
        notes=(*content.notes, *notes, *(note for column in columns for note in column.notes)),
    )


def _infer_features(
    content: TableContent, frame: Any, kinds: Mapping[str, str], targets: Sequence[str]
) -> tuple[list[Column], Any]:
    """Return all columns of a frame, and the frame of the values of those that are used."""
    columns: list[Column] = []
    used: list[Any] = []  # polars Series
    for series in frame.iter_columns():
        column, values = infer_column(series, kinds.get(series.name), decimal_comma=content.may_have_decimal_commas)
        columns.append(column)
        used += [] if column.kind == "drop" else [values]
    if not used:
        raise DataError(
            _("'{name}' has no column to learn from besides '{target}'.", name=content.name, target=", ".join(targets))
            if targets
            else _("'{name}' has no column to learn from.", name=content.name),
            hint=delimiter_hint() if content.frame.width == 1 else None,
        )
    return columns, import_polars().DataFrame(used)


def hold_out(table: Table, rows: Tensor, fraction: float, seed: int) -> tuple[Tensor, Tensor]:
    """Split row numbers into those to keep and those to hold out, with similar targets in both.

    Each class gives its fraction (rows without classes are one class). In a regression, each tenth by size of the
    first target does.
    """
    if table.task != "regression":
        strata = table.targets[rows]
    else:
        rank = table.targets[rows, 0].argsort(stable=True).argsort(stable=True)
        strata = rank * min(STRATA, max(1, len(rows) // STRATA)) // max(1, len(rows))
    remaining, held_out = stratified_split(strata, fraction, seed)
    return rows[remaining], rows[held_out]
