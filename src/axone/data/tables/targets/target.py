"""The target of a table: which columns it is, whether it names classes or holds numbers, and its values as tensors."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from axone.data.tables.files import TableContent, import_polars
from axone.data.tables.values.column import Column
from axone.data.tables.values.convert import convert
from axone.data.tables.values.infer import infer_column
from axone.data.tables.values.levels import infer_levels, read_levels
from axone.errors import DataError, closest
from axone.messages import _
from axone.numbers import format_number

MAX_CLASSES = 20  # different whole numbers in a target up to which they are taken for classes
NOT_MISSING = ("",)  # of the words of a target: rows without one were left out before
MAX_LISTED = 20  # names in an error


def choose_targets(content: TableContent, target: str | Sequence[str] | None) -> list[str]:
    """Return the names of the columns to predict. Raises DataError, which lists the columns."""
    names = content.frame.columns
    if target is None:
        if all(name.isdecimal() for name in names):  # an array
            return [names[-1]]
        raise DataError(
            _("Which column of '{name}' should be predicted?", name=content.name),
            expected=_("columns: {names}", names=_list_names(names)),
            hint=_("type --target NAME"),
        )
    if isinstance(target, str):
        targets = [target] if target in names else [part.strip() for part in target.split(",") if part.strip()]
    else:
        targets = [str(name) for name in target]
    if not targets or len(set(targets)) < len(targets):
        raise DataError(_("The target '{target}' names no column, or one twice.", target=target))
    require_columns(content, targets, _("the target"))
    return targets


def require_columns(content: TableContent, columns: Mapping[str, str] | Sequence[str], reason: str) -> None:
    """Raise DataError, with the most similar name, unless the table has these columns, which `reason` names."""
    names = content.frame.columns
    for name in columns:
        if name not in names:
            near = closest(name, names)
            raise DataError(
                _("'{table}' has no column '{name}' ({reason}).", table=content.name, name=name, reason=reason)
                + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
                expected=_("columns: {names}", names=_list_names(names)),
                hint=delimiter_hint() if len(names) == 1 else None,
            )


def delimiter_hint() -> str:
    """Return what to do about a text file that seems to have one column."""
    return _("is the delimiter none of comma, semicolon, tab and bar? export it with one of them")


def encode_target(
    content: TableContent,
    values: list[Any],
    inferred: list[tuple[Column, Any]],
    task: str,
    known: Sequence[str] | None,
) -> tuple[str, tuple[str, ...], Tensor]:
    """Return the task, the classes, and the target as numbers: int64 positions among the classes, or float64.

    Args:
        content: The table, for the place of a row in an error.
        values: The target columns, without missing values.
        inferred: The same columns as `infer_columns` returns them.
        task: "auto", "classification" or "regression".
        known: The classes of a run.

    Raises:
        DataError: The target is constant, or its values do not suit the task.
    """
    constant = next((series.name for series in values if series.n_unique() == 1), None)
    if constant and known is None:
        raise DataError(
            _("The target '{name}' is the same in every row: there is nothing to learn.", name=constant),
            expected=_("expected at least two different values"),
        )
    if task == "auto":
        task = "classification" if known or (len(inferred) == 1 and _is_categorical(*inferred[0])) else "regression"
    if task == "regression":
        return task, (), _encode_numbers(content, values, inferred)
    if len(values) > 1:
        raise DataError(
            _(
                "Several targets ({names}) can only be predicted as numbers.",
                names=", ".join(column.name for column, _values in inferred),
            ),
            hint=_("train one run for each, or type --task regression"),
        )
    return task, *_encode_classes(values[0], known)


def encode_labels(values: list[Any], rows: int, known: Sequence[str] | None) -> tuple[tuple[str, ...], Tensor]:
    """Return the classes that a left-out column names, and the class of each row; no classes where it names none."""
    if len(values) == 1 and (known or _is_categorical(*infer_column(values[0]))):
        return _encode_classes(values[0], known)
    return (), torch.zeros(rows, dtype=torch.int64)


def find_rows_with_numbers(inferred: Sequence[tuple[Column, Any]]) -> Any:
    """Return a Boolean Series: the rows in which all targets that are numbers or dates could be read; None for all."""
    lost = [values.is_null() for column, values in inferred if column.kind in ("number", "date")]
    lost = [mask for mask in lost if bool(mask.any()) and not bool(mask.all())]
    return ~functools.reduce(operator.or_, lost) if lost else None


def _encode_numbers(content: TableContent, values: list[Any], inferred: list[tuple[Column, Any]]) -> Tensor:
    columns = []
    for series, (column, read) in zip(values, inferred, strict=True):
        numbers = read if column.kind in ("number", "date") else convert(series, "number").values
        if numbers.null_count():
            row = int(numbers.is_null().arg_true()[0])
            raise DataError(
                _("The target '{name}' is {value} in {place}, which is not a number.", name=series.name,
                  value=repr(str(series[row])[:40]), place=content.locate(row)),
                hint=_("correct the row, or type --task classification"),
            )  # fmt: skip
        columns.append(numbers.to_numpy())
    return torch.from_numpy(np.ascontiguousarray(np.stack(columns, axis=1), dtype=np.float64))


def _is_categorical(column: Column, values: Any) -> bool:
    """Return whether a target names classes: words, or few different whole numbers."""
    if column.kind in ("category", "drop"):
        return True
    if column.kind == "date":
        return False
    known = values.drop_nulls()
    return column.distinct <= MAX_CLASSES and bool((known == known.round()).all())


def _encode_classes(values: Any, known: Sequence[str] | None) -> tuple[tuple[str, ...], Tensor]:
    if known is None:
        texts = infer_levels(values, NOT_MISSING)[1]
    else:  # True is the class true of a run, and 1.0 its class 1
        notation = infer_levels(import_polars().Series(list(known)), NOT_MISSING)[0]
        texts = read_levels(values, notation.to_json(), missing=NOT_MISSING)
    names = texts.unique().to_list()
    try:
        ordered = sorted(names, key=float)  # 9 before 10
    except ValueError:
        ordered = sorted(names)
    classes = tuple(known) if known is not None else tuple(ordered)
    if unknown := [name for name in ordered if name not in classes]:
        raise DataError(
            _("The target has classes that the model does not know: {names}.", names=_list_names(unknown)),
            expected=_("it knows: {names}", names=_list_names(classes)),
        )
    if len(classes) > len(values) // 2 and len(classes) > MAX_CLASSES:
        raise DataError(
            _("The target '{name}' has {count} different values in {rows} rows: too many to be classes.",
              name=values.name, count=format_number(len(classes)), rows=format_number(len(values))),
            hint=_("choose another --target, or type --task regression when it holds numbers"),
        )  # fmt: skip
    positions = {name: position for position, name in enumerate(classes)}
    codes = texts.replace_strict(positions, return_dtype=import_polars().Int64)
    return classes, torch.from_numpy(codes.to_numpy().copy())


def _list_names(names: Sequence[str]) -> str:
    listed = ", ".join(str(name) for name in names[:MAX_LISTED])
    more = len(names) - MAX_LISTED
    return listed if more <= 0 else listed + ", " + _("... and {count} more", count=more)
