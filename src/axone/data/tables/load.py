"""Load a table to learn from: a table with a name, a file, or data in memory.

`load_table` returns everything: features with their kinds, targets as numbers, classes, and all that people should
know before training (`Table.notes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from axone.data.split import stratified_split
from axone.data.tables.columns import Columns, select_columns
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
from axone.data.tables.values.column import Column
from axone.data.tables.values.infer import infer_columns
from axone.data.tables.values.kinds import check_kinds
from axone.data.tables.values.unreadable import Unreadable
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
    known: Columns | None = None,
    labeled: bool = True,
    progress: Progress = ignore_progress,
) -> Table:
    """Load a table.

    Args:
        source: The name of a table, the path of a CSV, TSV or Parquet file, or data in memory: a frame, an array,
            rows, columns, or a `Table`, which is returned unchanged.
        target: The column to predict, or several (a list, or separated by commas). A table with a name has its own;
            that of an array is its last column, unless a number names another.
        kinds: `KIND` or `KIND:EXAMPLE` of some columns, instead of what is inferred (`values.kinds`).
        task: "auto", or what the target is taken for: "classification", "regression".
        classes: The classes in their order, when a run knows them already.
        known: The facts of the columns, when a run knows them already: they are then read as in training, and
            `Table.unreadable` lists the cells that cannot be.
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
    inferred = infer_columns(frame if known is None else frame.select(targets), kinds, delimiter=content.delimiter)
    columns = [column for column, _values in inferred if column.name not in targets]
    if labeled:
        of_targets = [pair for name in targets for pair in inferred if pair[0].name == name]
        task, names, encoded = encode_target(target_values, of_targets, task, classes)
    else:
        task, names, encoded = "none", *encode_labels(target_values, frame.height, classes)
    unreadable: tuple[Unreadable, ...] = ()
    if known is None:
        features = _join_features(content, [pair for pair in inferred if pair[0] in columns], targets)
    else:
        others = frame.drop(targets)
        converted = select_columns(others, known, others.columns, name=content.name, delimiter=content.delimiter)
        features, unreadable = converted.frame, converted.unreadable
        columns = _known_columns(features, known)
        notes += [cells.describe() for cells in unreadable]
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
        unreadable=unreadable,
    )


def _known_columns(features: Any, known: Columns) -> list[Column]:
    return [
        Column(fact["name"], fact["kind"], values.drop_nulls().n_unique(), values.null_count())
        for fact, values in zip(known, features.iter_columns(), strict=True)
    ]


def _join_features(content: TableContent, inferred: Sequence[tuple[Column, Any]], targets: Sequence[str]) -> Any:
    """Return the frame of the values of those columns that are used. Raises DataError where none is."""
    used = [values for column, values in inferred if column.kind != "drop"]
    if not used:
        raise DataError(
            _("'{name}' has no column to learn from besides '{target}'.", name=content.name, target=", ".join(targets))
            if targets
            else _("'{name}' has no column to learn from.", name=content.name),
            hint=delimiter_hint() if len(inferred) + len(targets) == 1 else None,
        )
    return import_polars().DataFrame(used)


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
