"""Load a table to learn from: a table with a name, a file, or data in memory.

`load_table` returns everything: features with their kinds, targets as numbers, classes, and all that people should
know before training (`Table.notes`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from axone.data.split import stratified_split
from axone.data.tables.files import TableContent, import_polars
from axone.data.tables.known_columns import read_known_columns
from axone.data.tables.row_numbers import find_row_numbers
from axone.data.tables.sources import read_source
from axone.data.tables.table import Table
from axone.data.tables.targets.missing import describe_missing_levels, drop_rows_without_target
from axone.data.tables.targets.target import (
    choose_targets,
    delimiter_hint,
    encode_labels,
    encode_target,
    find_rows_with_numbers,
    require_columns,
)
from axone.data.tables.values.column import Column
from axone.data.tables.values.convert import convert_columns
from axone.data.tables.values.infer import infer_columns
from axone.data.tables.values.kinds import check_kinds
from axone.errors import DataError
from axone.messages import _, plural
from axone.progress import Progress, ignore_progress

STRATA = 10  # parts, by size, from each of which a split of numbers takes its fraction


def load_table(
    source: Any,
    target: str | Sequence[str] | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    task: str = "auto",
    missing: Collection[str] | None = None,
    known: Mapping[str, Any] | None = None,
    classes: Sequence[str] | None = None,
    labeled: bool = True,
    progress: Progress = ignore_progress,
) -> Table:
    """Load a table.

    Args:
        source: The name of a table, the path of a file, or data in memory: a frame, an array, rows, columns, or a
            `Table`, which is returned unchanged.
        target: The column to predict, or several (a list, or separated by commas). A table with a name has its own;
            that of an array is its last column, unless a number names another.
        kinds: `KIND` or `KIND:EXAMPLE` of some columns, instead of what is inferred (`values.kinds`).
        task: "auto", or what the target is taken for: "classification", "regression".
        missing: The words that mean a missing value, in lower case; None: the usual ones.
        known: The facts of a run (see `known_columns`): columns and targets are then read as in its training.
        classes: The classes in their order, when a run knows them already.
        labeled: False: nothing is predicted. A target is then left out of the features, and kept as classes where
            it names some.
        progress: Called once, because a table is read in one go.

    Raises:
        DataError: The table cannot be read or used, or has no such column; with `known`, also where a cell cannot be
            read in a column in which training saw no missing value.
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
    if known and not labeled:  # labels that other data need not have
        target = [fact["name"] for fact in known["targets"] if fact["name"] in content.frame.columns]
    targets = choose_targets(content, target) if labeled or target else []
    check_kinds(kinds)
    require_columns(content, kinds, _("named by --columns"))
    content, notes = drop_rows_without_target(content, targets, missing, classes)
    if known is None:
        columns, features, of_targets = _infer(content, targets, kinds, missing, notes)
    else:
        columns, features, of_targets = _read_known(content, targets, known, notes)
    if labeled and len(targets) == 1 and task == "auto" and kinds.get(targets[0], "").startswith(("number", "date")):
        task = "regression"
    if known is None and task != "classification" and (read := find_rows_with_numbers(of_targets)) is not None:
        content, features = content.filter(read), features.filter(read)
        of_targets = [(column, values.filter(read)) for column, values in of_targets]
        lost = int((~read).sum())
        notes.append(
            plural("{count} row without a target was left out.", "{count} rows without a target were left out.", lost)
        )
    target_values = [content.frame[name] for name in targets]
    if labeled:
        task, names, encoded = encode_target(content, target_values, of_targets, task, classes)
    else:
        task, names, encoded = "none", *encode_labels(target_values, content.frame.height, classes)
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
        notes=(*content.notes, *notes, *_notes_on_columns(columns, of_targets, task)),
        target_columns=tuple(column for column, _values in of_targets),
    )


Inferred = list[tuple[Column, Any]]


def _notes_on_columns(columns: Sequence[Column], of_targets: Inferred, task: str) -> list[str]:
    """Return the notes on columns and on how the numbers of a target are read."""
    targets = [column for column, _values in of_targets if task == "regression"]
    return [note for column in (*targets, *columns) for note in column.notes]


def _infer(
    content: TableContent,
    targets: Sequence[str],
    kinds: Mapping[str, str],
    missing: Collection[str] | None,
    notes: list[str],
) -> tuple[list[Column], Any, Inferred]:
    """Return the columns, the frame of those that are used, and the inferred targets; add to the notes."""
    numbering = find_row_numbers(content.frame)
    if numbering and numbering not in kinds and numbering not in targets:
        kinds = {**kinds, numbering: "drop"}
        notes.append(_("'{name}' counts the rows: not used (--columns '{name}=number').", name=numbering))
    inferred = infer_columns(
        content.frame, kinds, delimiter=content.delimiter, missing=missing, targets=targets, locate=content.locate
    )
    features = [pair for pair in inferred if pair[0].name not in targets]
    categories = [column.name for column, _values in features if column.kind == "category"]
    notes += describe_missing_levels(content.frame, categories, missing)
    of_targets = [pair for name in targets for pair in inferred if pair[0].name == name]
    return [column for column, _values in features], _join_features(content, features, targets), of_targets


def _read_known(
    content: TableContent, targets: Sequence[str], known: Mapping[str, Any], notes: list[str]
) -> tuple[list[Column], Any, Inferred]:
    """Return the same as `_infer`, read as in the training of a run. Raises DataError for rows it cannot read."""
    columns = known["columns"]
    read = read_known_columns(replace(content, frame=content.frame.drop(targets)), known)
    if read.errors:
        row = min(read.errors)
        raise DataError(
            plural(
                "{count} row of '{table}' cannot be used.", "{count} rows of '{table}' cannot be used.",
                len(read.errors), table=content.name,
            ) + " " + _("First {place}: {problem}", place=content.locate(row), problem=read.errors[row]),
            hint=_("correct the cells, or leave out the rows"),
        )  # fmt: skip
    notes += [*read.notes, *read.unreadable_notes, *read.cell_notes]
    facts = [fact for fact in known.get("targets", ()) if fact["name"] in targets and "kind" in fact]
    others = [fact for fact in columns if fact["name"] in content.frame.columns]
    converted = convert_columns(
        content.frame, [*facts, *others], delimiter=content.delimiter, missing=known.get("missing_words")
    )
    of_targets: Inferred = [(Column(fact["name"], fact["kind"], 0, 0), converted.frame[fact["name"]]) for fact in facts]
    features = [
        Column(fact["name"], fact["kind"], values.drop_nulls().n_unique(), values.null_count())
        for fact, values in zip(columns, read.frame.iter_columns(), strict=True)
    ]
    return features, read.frame, of_targets


def _join_features(content: TableContent, inferred: Sequence[tuple[Column, Any]], targets: Sequence[str]) -> Any:
    """Return the frame of the values of those columns that are used. Raises DataError where none is."""
    used = [values for column, values in inferred if column.kind != "drop"]
    if not used:
        raise DataError(
            _("'{name}' has no column to learn from besides '{target}'.", name=content.name, target=", ".join(targets))
            if targets
            else _("'{name}' has no column to learn from.", name=content.name),
            hint=delimiter_hint()
            if len(inferred) + len(targets) == 1
            else next((note for column, _values in inferred for note in column.notes), None),
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
