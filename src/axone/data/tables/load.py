"""Tables to learn from: rows with a target, read from a file, a known set, or handed over in Python.

`load_table` is the door; what comes out is complete: features with their kinds, targets as numbers, classes, and
everything that a person should be told before training on them (`Table.notes`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from axone.data.datasets.tables import TABLES, read_named_table
from axone.data.images.load import InMemoryImages
from axone.data.split import stratified_split
from axone.data.tables.files import PARQUET, TEXT, TableContent, import_polars, read_content
from axone.data.tables.types import MISSING_WORDS, Column, blank_to_null, check_kinds, convert, infer_column
from axone.errors import DataError, closest
from axone.messages import _, plural
from axone.numbers import number

MOST_CLASSES = 20  # different whole numbers in a target up to which they are taken for classes
STRATA = 10  # parts, by size, from each of which a split of numbers takes its share


@dataclass(frozen=True)
class Table:
    """A whole table, ready to train on. Rows without a target are gone already."""

    name: str
    source: str  # where it came from, for people
    target: tuple[str, ...]  # the columns to predict
    task: str  # "classification" or "regression"; "none" where nothing is to be predicted
    classes: tuple[str, ...]  # in order; empty for a regression, and where rows have no classes
    targets: Tensor  # int64 (rows,), positions in `classes`; or float64 (rows, targets)
    features: Any  # polars.DataFrame: Float64 for numbers and dates, String for categories, null where missing
    columns: tuple[Column, ...]  # of the features, in their order
    dropped: tuple[Column, ...] = ()  # columns that are not used
    notes: tuple[str, ...] = ()  # sentences a person should read before training

    @property
    def rows(self) -> int:
        """Rows with a target."""
        return len(self.targets)

    def fingerprint(self) -> str:
        """Return a sha256 over the values: a resumed run must find what it was trained on."""
        digest = hashlib.sha256(repr((self.target, self.classes, self.features.columns)).encode())
        digest.update(self.targets.numpy().tobytes())
        for column in self.features.iter_columns():
            values = column.fill_null("\0").str.join("\x1f").item() if column.dtype == import_polars().String else None
            digest.update(column.to_numpy().tobytes() if values is None else values.encode())
        return digest.hexdigest()


def load_table(
    source: Any,
    target: str | Sequence[str] | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    task: str = "auto",
    classes: Sequence[str] | None = None,
    labeled: bool = True,
) -> Table:
    """Load a known set by name, a CSV, TSV or Parquet file by path, or a frame, an array, rows from Python.

    A table that is one already is returned.

    `target` names the column to predict, or several (a list, or with commas between them); a known set has its own,
    an array's is its last column unless named by number. `kinds` overrules what kind of values columns hold
    (`table_types.KINDS`), `task` ("classification", "regression") what the target is taken for. `classes`, when
    known from a run, fix their order. Not `labeled`: nothing is to be predicted; a target is left out of the
    features, and is kept as classes where it names some. Raises DataError or ResourceError with what to do.
    """
    if isinstance(source, Table):
        return source
    if isinstance(source, str) and source in TABLES:
        content, own = read_named_table(source)
        target = target or own
    else:
        content = read_content(source)
    frame, kinds = content.frame, dict(kinds or {})
    if frame.height == 0:
        raise DataError(_("'{name}' has names of columns, but no rows.", name=content.name))
    wanted = _targets(content, target) if labeled or target else []
    check_kinds(kinds)
    _require_columns(content, kinds, _("--columns names"))
    notes = list(content.notes)
    frame, values = _with_target(content, frame, wanted, notes)
    if labeled:
        task, found, targets = _read_target(content, values, wanted, task, classes)
    else:
        task, found, targets = "none", *_read_labels(values, frame.height, classes)
    columns: list[Column] = []
    dropped: list[Column] = []
    kept: list[Any] = []  # polars Series
    for series in frame.drop(wanted).iter_columns():
        comma = content.delimiter not in ("", ",")
        column, converted = infer_column(series, kinds.get(series.name), decimal_comma=comma)
        notes += column.notes
        (dropped if column.kind == "drop" else columns).append(column)
        if column.kind != "drop":
            kept.append(converted)
    if not columns:
        raise DataError(
            _("'{name}' has no column to learn from beside '{target}'.", name=content.name, target=", ".join(wanted))
            if wanted
            else _("'{name}' has no column to learn from.", name=content.name),
            hint=_delimiter_hint() if frame.width == 1 else None,
        )
    features = import_polars().DataFrame(kept)
    return Table(
        content.name, content.source, tuple(wanted), task, found, targets, features,
        tuple(columns), tuple(dropped), tuple(notes),
    )  # fmt: skip


def _delimiter_hint() -> str:
    return _("is the delimiter none of comma, semicolon, tab and bar? export it with one of them")


def _targets(content: TableContent, target: str | Sequence[str] | None) -> list[str]:
    """Return the names of the columns to predict. Raises DataError that lists what there is."""
    names = content.frame.columns
    if target is None:
        if all(name.isdecimal() for name in names):  # an array
            return [names[-1]]
        raise DataError(
            _("Which column of '{name}' is to be predicted?", name=content.name),
            expected=_("columns: {names}", names=_listed(names)),
            hint=_("type --target NAME"),
        )
    if isinstance(target, str):
        wanted = [target] if target in names else [part.strip() for part in target.split(",") if part.strip()]
    else:
        wanted = [str(name) for name in target]
    if not wanted or len(set(wanted)) < len(wanted):
        raise DataError(_("The target '{target}' names no column, or one twice.", target=target))
    _require_columns(content, wanted, _("the target is"))
    return wanted


def _require_columns(content: TableContent, wanted: Mapping[str, str] | Sequence[str], who: str) -> None:
    names = content.frame.columns
    for name in wanted:
        if name not in names:
            near = closest(name, names)
            raise DataError(
                _("'{table}' has no column '{name}' ({who} it).", table=content.name, name=name, who=who)
                + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
                expected=_("columns: {names}", names=_listed(names)),
                hint=_delimiter_hint() if len(names) == 1 else None,
            )


def _with_target(content: TableContent, frame: Any, wanted: list[str], notes: list[str]) -> tuple[Any, list[Any]]:
    """Leave out the rows without a target; return the others, and the targets as they came."""
    polars = import_polars()
    known = polars.repeat(True, frame.height, eager=True)
    for name in wanted:
        values = frame[name]
        if values.dtype == polars.String:
            known &= blank_to_null(values.str.strip_chars(), MISSING_WORDS).is_not_null()
        elif values.dtype.is_float():
            known &= values.is_finite().fill_null(False)
        else:
            known &= values.is_not_null()
    if not bool(known.any()):
        raise DataError(_("The target '{target}' is empty in every row.", target=", ".join(wanted)))
    if lost := int((~known).sum()):
        notes.append(
            plural("{count} row without a target was left out.", "{count} rows without a target were left out.", lost)
        )
        frame = frame.filter(known)
    return frame, [frame[name] for name in wanted]


def _read_target(
    content: TableContent, values: list[Any], wanted: list[str], task: str, known: Sequence[str] | None
) -> tuple[str, tuple[str, ...], Tensor]:
    """Say what the target is, and return it as numbers: positions among the classes, or float64."""
    comma = content.delimiter not in ("", ",")
    found = [infer_column(series, decimal_comma=comma) for series in values]
    constant = next((series.name for series in values if series.n_unique() == 1), None)
    if constant and known is None:
        raise DataError(
            _("The target '{name}' is the same in every row: there is nothing to learn.", name=constant),
            expected=_("expected two different values at least"),
        )
    if task == "auto":
        task = "classification" if known or (len(found) == 1 and _are_classes(*found[0])) else "regression"
    if task == "regression":
        marks = [column.decimal_comma for column, _values in found]
        numbers = [convert(series, "number", decimal_comma=mark) for series, mark in zip(values, marks)]
        for series, converted in zip(values, numbers):
            if converted.null_count():
                row = int(converted.is_null().arg_true()[0])
                raise DataError(
                    _("The target '{name}' holds {value} in row {row}, which is no number.", name=series.name,
                      value=repr(str(series[row])[:40]), row=number(row + 1)),
                    hint=_("mend the row, or type --task classification"),
                )  # fmt: skip
        stacked = np.stack([converted.to_numpy() for converted in numbers], axis=1)
        return task, (), torch.from_numpy(np.ascontiguousarray(stacked, dtype=np.float64))
    if len(values) > 1:
        raise DataError(
            _("Several targets ({names}) are predicted as numbers only.", names=", ".join(wanted)),
            hint=_("train one run for each, or type --task regression"),
        )
    return task, *_as_classes(values[0], known)


def _read_labels(values: list[Any], rows: int, known: Sequence[str] | None) -> tuple[tuple[str, ...], Tensor]:
    """Return the classes that a left-out column names, and each row's; no classes where it names none."""
    if len(values) == 1 and (known or _are_classes(*infer_column(values[0]))):
        return _as_classes(values[0], known)
    return (), torch.zeros(rows, dtype=torch.int64)


def _are_classes(column: Column, values: Any) -> bool:
    """Say whether a target names classes: words, or few whole numbers."""
    if column.kind in ("category", "drop"):
        return True
    if column.kind == "date":
        return False
    known = values.drop_nulls()
    return column.distinct <= MOST_CLASSES and bool((known == known.round()).all())


def _as_classes(values: Any, known: Sequence[str] | None) -> tuple[tuple[str, ...], Tensor]:
    texts = convert(values, "category")
    found = texts.unique().to_list()
    try:
        ordered = sorted(found, key=float)  # 9 before 10
    except ValueError:
        ordered = sorted(found)
    classes = tuple(known) if known is not None else tuple(ordered)
    if strange := [name for name in ordered if name not in classes]:
        raise DataError(
            _("The target holds classes that the model does not know: {names}.", names=_listed(strange)),
            expected=_("it knows: {names}", names=_listed(classes)),
        )
    if len(classes) > len(values) // 2 and len(classes) > MOST_CLASSES:
        raise DataError(
            _("The target '{name}' has {count} different values in {rows} rows: too many to be classes.",
              name=values.name, count=number(len(classes)), rows=number(len(values))),
            hint=_("choose another --target, or type --task regression when it holds numbers"),
        )  # fmt: skip
    places = {name: place for place, name in enumerate(classes)}
    codes = texts.replace_strict(places, return_dtype=import_polars().Int64)
    return classes, torch.from_numpy(codes.to_numpy().copy())


def hold_out(table: Table, rows: Tensor, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """Split row numbers into those to keep and those to hold out, alike in their targets: (kept, held out).

    Of classes each gives its share (rows without any are one class); of numbers each tenth by size of the first
    target does.
    """
    if table.task != "regression":
        strata = table.targets[rows]
    else:
        place = table.targets[rows, 0].argsort(stable=True).argsort(stable=True)
        strata = place * min(STRATA, max(1, len(rows) // STRATA)) // max(1, len(rows))
    kept, held = stratified_split(strata, share, seed)
    return rows[kept], rows[held]


def is_table(source: Any) -> bool:
    """Say whether what `--data` names is a table rather than pictures."""
    if not isinstance(source, str | Path):
        return not isinstance(source, InMemoryImages)
    return str(source) in TABLES or Path(source).suffix.lower() in TEXT + PARQUET


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = ", ".join(str(name) for name in names[:most])
    return shown if len(names) <= most else shown + ", " + _("... and {count} more", count=len(names) - most)


__all__ = ["Table", "hold_out", "is_table", "load_table"]
