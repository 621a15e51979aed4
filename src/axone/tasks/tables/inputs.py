"""What a person may ask a model of tables about, brought into one form: rows, each a mapping of column to value.

    "age=35,weight=70"                     one row, as it is typed
    {"age": 35, "weight": 70}              one row
    {"age": [35, 8], "weight": [70, 26]}   rows as columns
    people.csv, people.parquet             the rows of a file
    a frame of polars or pandas            its rows
    an array (columns) or (rows, columns)  values in the order of the columns that the model learned from
    a list of any of these                 all their rows

Values stay what they are, text or numbers: whoever answers knows what a column holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from axone.errors import DataError
from axone.messages import _

Row = Mapping[str, Any]


def read_rows(given: Any, columns: Sequence[str]) -> tuple[list[Row], bool]:
    """Return the rows of what was given, and whether it was a single one. Raises DataError, ResourceError."""
    if isinstance(given, str | Path):
        typed = _typed(str(given)) if not Path(given).exists() else None
        return ([typed], True) if typed else (_framed(Path(given)), False)
    if isinstance(given, Mapping):
        return _of_mapping(given)
    if isinstance(given, Tensor):
        given = given.detach().cpu().numpy()
    if isinstance(given, np.ndarray):
        return _of_array(given, columns)
    if isinstance(given, Sequence):
        if given and not isinstance(given[0], str | Path | Mapping | Sequence | np.ndarray | Tensor):
            return [_in_order(given, columns)], True  # [35, 70]
        return [row for member in given for row in read_rows(member, columns)[0]], False
    return _framed(given), False


def _typed(text: str) -> Row | None:
    """Read `age=35,weight=70`; None for what is not written so."""
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    if not parts or not all(name.strip() and equals for name, equals, _value in parts):
        return None
    return {name.strip(): value.strip() for name, _equals, value in parts}


def _of_mapping(given: Mapping[str, Any]) -> tuple[list[Row], bool]:
    """Return one row, or the rows of columns when the values are lists."""
    if not any(isinstance(value, list | tuple | np.ndarray | Tensor) for value in given.values()):
        return [given], True
    lengths = {name: len(value) if hasattr(value, "__len__") else 1 for name, value in given.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(_("These columns are not equally long: {lengths}.", lengths=told))
    return [dict(zip(given, values)) for values in zip(*given.values())], False


def _of_array(given: np.ndarray, columns: Sequence[str]) -> tuple[list[Row], bool]:
    if given.ndim not in (1, 2):
        raise DataError(
            _("An array of {count} axes is no table.", count=given.ndim),
            expected=_("expected {what}", what=_("one row of {count} values, or rows of them", count=len(columns))),
        )
    rows = [_in_order(row, columns) for row in np.atleast_2d(given).tolist()]
    return rows, given.ndim == 1


def _in_order(values: Sequence[Any], columns: Sequence[str]) -> Row:
    if len(values) != len(columns):
        raise DataError(
            _("A row has {count} values.", count=len(values)),
            expected=_("expected {count}: {names}", count=len(columns), names=", ".join(columns[:20])),
        )
    return dict(zip(columns, values))


def _framed(given: Any) -> list[Row]:
    from axone.data.tables.files import read_content  # needs polars, which a typed row does not

    rows: list[Row] = read_content(given).frame.to_dicts()
    return rows
