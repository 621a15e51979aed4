"""How each column of a table would be read: its kind, an example of a value as it is written and as it is read."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axone.data.tables.files import TableContent
from axone.data.tables.values.infer import infer_columns
from axone.data.tables.values.kinds import check_kinds

LONGEST = 30  # characters of an example


@dataclass(frozen=True)
class ColumnReading:
    """How one column is read.

    Args:
        name: Its name.
        kind: "number", "date", "category", or "drop": it is not used.
        text: A value as it is written; "" where all are missing.
        value: The same value as it is read: a number, the date in ISO's form, or the level.
        distinct: The number of different values.
        missing: The number of missing values, among them those that cannot be read.
        notation: How its values are written, as the facts of a run hold it.
        notes: Sentences for people.
    """

    name: str
    kind: str
    text: str
    value: str
    distinct: int
    missing: int
    notation: Mapping[str, Any]
    notes: tuple[str, ...]


def read_columns(
    content: TableContent, kinds: Mapping[str, str], missing: Collection[str] | None = None
) -> list[ColumnReading]:
    """Return how the columns of a table are read.

    Args:
        content: The table.
        kinds: `KIND` or `KIND:EXAMPLE` by column, where the user prescribes it.
        missing: The words that mean a missing value; None: the usual ones.

    Raises DataError, SettingsError.
    """
    check_kinds(kinds)
    inferred = infer_columns(content.frame, kinds, delimiter=content.delimiter, missing=missing, locate=content.locate)
    readings = []
    for column, values in inferred:
        raw = content.frame[column.name]
        rows = values.is_not_null().arg_true()
        text = str(raw[rows[0]])[:LONGEST] if len(rows) else ""
        value = _describe_value(values[rows[0]], column.kind, dict(column.notation)) if len(rows) else ""
        readings.append(
            ColumnReading(
                column.name, column.kind, text, value, column.distinct, column.missing, column.notation, column.notes
            )
        )
    return readings


def _describe_value(value: Any, kind: str, notation: Mapping[str, Any]) -> str:
    if kind == "number":
        return f"{value:.15g}"
    if kind != "date" or not math.isfinite(value):
        return str(value)[:LONGEST]
    moment = datetime(1970, 1, 1) + timedelta(microseconds=round(value * 86_400_000_000))
    if notation.get("is_time"):
        return moment.time().isoformat("seconds")
    return moment.date().isoformat() if moment.time() == datetime.min.time() else moment.isoformat(" ", "seconds")
