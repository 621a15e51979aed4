"""The class of each series, read from a column that has one value for all its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.series.layout import Layout
from axone.data.tables.files import TableContent, import_polars
from axone.errors import DataError
from axone.messages import _
from axone.numbers import format_number


def read_labels(
    content: TableContent,
    layout: Layout,
    frame: Any,
    rows: Mapping[str, list[int]],
    task: str,
    classes: Sequence[str],
) -> tuple[Int64[Tensor, " series"] | None, tuple[str, ...]]:
    """Return the class of each series, an index, and the names of the classes; None where the target is no class.

    Args:
        content: The table as it was read, to say where a row is.
        layout: How its columns are used.
        frame: Its columns, converted.
        rows: The rows of each series.
        task: "classification", "forecast", or "auto", where numbers that change within a series are no classes.
        classes: The classes of a run; () where they are to be found.

    Raises DataError for a series with two classes or none, for an unknown class, and for numbers that are no classes.
    """
    if not layout.target or task == "forecast":
        return None, ()
    is_number = frame[layout.target].dtype == import_polars().Float64
    targets = frame[layout.target].to_list()
    of_series: list[Any] = []
    for name, group in rows.items():
        values = {targets[row] for row in group}
        if len(values) > 1:
            if task == "auto" and is_number:
                return None, ()
            other = next(row for row in group if targets[row] != targets[group[0]])
            raise DataError(
                _("The series '{series}' has two classes in '{column}': {first} ({first_row}) and {second} "
                  "({second_row}).", series=name, column=layout.target, first=targets[group[0]],
                  first_row=content.locate(group[0]), second=targets[other], second_row=content.locate(other)),
                hint=_("the class of a series is the same in all its rows; --series COLUMN names the series"),
            )  # fmt: skip
        of_series.append(next(iter(values)))
    if None in of_series:
        name = list(rows)[of_series.index(None)]
        raise DataError(
            _("The series '{series}' has no class in '{column}'.", series=name, column=layout.target),
            hint=_("leave out series without a class"),
        )
    words = [format_number(value) if isinstance(value, float) else str(value) for value in of_series]
    if is_number and not classes and len(set(words)) > max(2, len(words) // 2):
        raise DataError(
            _("'{column}' has another number for nearly every series: only classes of series can be learned.",
              column=layout.target),
            hint=_("to take each number for a class: --task classification"),
        )  # fmt: skip
    names = tuple(classes) or tuple(dict.fromkeys(sorted(words)))
    unknown = next((word for word in words if word not in names), None)
    if unknown is not None:
        raise DataError(
            _("The class '{name}' does not occur in training.", name=unknown),
            expected=_("expected one of: {choices}", choices=", ".join(names[:20])),
        )
    if len(names) < 2:
        raise DataError(
            _("All series have the same class in '{column}': {name}.", column=layout.target, name=names[0]),
            expected=_("expected at least two classes"),
        )
    return torch.tensor([names.index(word) for word in words]), names
