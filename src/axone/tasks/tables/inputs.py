"""Convert the rows that a person asks about into one form: a list of mappings from column to value.

    "age=35,weight=70"                     one row, as typed on the command line
    {"age": 35, "weight": 70}              one row
    {"age": [35, 8], "weight": [70, 26]}   rows, given by columns
    people.csv, people.xlsx#Adults         the rows of a file
    a polars or pandas DataFrame           its rows
    an array [columns] or [rows, columns]  values in the order of the columns that the model was trained on
    a list of any of these                 all their rows

Values are not converted, because only the model's facts say whether a column holds numbers or categories.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from axone.errors import DataError
from axone.messages import _

if TYPE_CHECKING:
    from axone.data.tables.files import TableContent

Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class RowOrigin:
    """The file or frame from which rows were read."""

    content: TableContent


class FileRow(dict[str, Any]):
    """A row of a file or a frame, which knows where it is: its neighbors show how its numbers are written."""

    def __init__(self, values: Mapping[str, Any], origin: RowOrigin, position: int) -> None:
        super().__init__(values)
        self.origin, self.position = origin, position


def origin_of(row: Row) -> RowOrigin | None:
    """Return where a row was read; None for one that was typed."""
    return row.origin if isinstance(row, FileRow) else None


def read_rows(source: Any, columns: Sequence[str]) -> tuple[list[Row], bool]:
    """Return the rows, and whether the source was a single row.

    Args:
        source: Any of the forms above.
        columns: The columns of the model, for sources without names of columns.

    Raises DataError, ResourceError.
    """
    if isinstance(source, str | Path):
        typed = _parse_row(str(source)) if not Path(source).exists() else None
        return ([typed], True) if typed else (_read_frame(source), False)
    if isinstance(source, Mapping):
        return _read_mapping(source)
    if isinstance(source, Tensor):
        source = source.detach().cpu().numpy()
    if isinstance(source, np.ndarray):
        return _read_array(source, columns)
    if isinstance(source, Sequence):
        if source and not isinstance(source[0], str | Path | Mapping | Sequence | np.ndarray | Tensor):
            return [_name_values(source, columns)], True  # [35, 70]
        return [row for item in source for row in read_rows(item, columns)[0]], False
    return _read_frame(source), False


def _parse_row(text: str) -> Row | None:
    """Parse `age=35,weight=70`; return None for a text of another form.

    A comma separates columns where a name and an equals sign follow: `rent=1,5,age=3` has two.
    """
    parts = [part.partition("=") for part in re.split(r",(?=[^,=]*=)", text.rstrip(" ,")) if part.strip()]
    if not parts or not all(name.strip() and equals for name, equals, _value in parts):
        return None
    return {name.strip(): value.strip() for name, _equals, value in parts}


def _read_mapping(source: Mapping[str, Any]) -> tuple[list[Row], bool]:
    if not any(isinstance(value, list | tuple | np.ndarray | Tensor) for value in source.values()):
        return [source], True
    lengths = {name: len(value) if hasattr(value, "__len__") else 1 for name, value in source.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(_("The columns differ in length: {lengths}.", lengths=listed))
    return [dict(zip(source, values)) for values in zip(*source.values())], False


def _read_array(source: np.ndarray, columns: Sequence[str]) -> tuple[list[Row], bool]:
    if source.ndim not in (1, 2):
        raise DataError(
            _("An array with {count} axes is not a table.", count=source.ndim),
            expected=_("expected one row of {count} values, or an array of such rows", count=len(columns)),
        )
    rows = [_name_values(row, columns) for row in np.atleast_2d(source).tolist()]
    return rows, source.ndim == 1


def _name_values(values: Sequence[Any], columns: Sequence[str]) -> Row:
    if len(values) != len(columns):
        raise DataError(
            _("A row has {count} values.", count=len(values)),
            expected=_("expected {count}: {names}", count=len(columns), names=", ".join(columns[:20])),
        )
    return dict(zip(columns, values))


def _read_frame(source: Any) -> list[Row]:
    from axone.data.tables.files import read_content  # imports polars, which a typed row does not need

    content = read_content(source)
    origin = RowOrigin(content)
    return [FileRow(values, origin, position) for position, values in enumerate(content.frame.iter_rows(named=True))]
