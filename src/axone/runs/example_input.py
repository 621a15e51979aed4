"""What to type as the input of `axone predict`, as a run's facts say: a typical row of a small table, or FILE.

For a game it is a move, for a world a first observation.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import Any

from axone.figures.text import clean_text
from axone.numbers import is_number

FILE = "FILE"
WORLD_FILE = ".py"  # the end of the name of a world that is a file of one's own
LONGEST_ROW = 80  # characters
_UNTYPABLE = frozenset(",=\"'\\")  # in a name or a level: such a row cannot be typed as name=value,name=value


def example_input(facts: Mapping[str, Any]) -> str:
    """Return a row of the centers of all numbers and the most frequent levels of all categories.

    FILE stands for what cannot be typed: images, tables of many columns, columns without a typical value. The facts
    may come from a damaged or forged file.
    """
    example = facts.get("example")
    if facts.get("task") == "game" and isinstance(example, str) and example.isalnum():
        return example  # a first move
    if facts.get("task") == "control" and isinstance(example, list) and example and all(map(is_number, example)):
        return ",".join(f"{number:.6g}" for number in example)  # a first observation
    columns = facts.get("columns")
    if not isinstance(columns, list) or not columns:
        return FILE
    means = facts.get("mean")
    centers = means if isinstance(means, list) and len(means) == len(columns) else [None] * len(columns)
    parts = [_describe(column, center) for column, center in zip(columns, centers)]
    row = ",".join(part for part in parts if part is not None)
    return row if all(parts) and len(row) <= LONGEST_ROW else FILE


def _describe(column: object, center: object) -> str | None:
    """Return `name=value` for a column that is a dictionary of facts, or a name with a mean; None without a value."""
    if isinstance(column, dict):
        name, value = column.get("name"), _typical_value(column)
    else:
        name, value = column, _format(center)
    name = clean_text(name) if isinstance(name, str) else ""
    if not name.strip() or not value or _UNTYPABLE & {*name, *value}:
        return None
    return f"{name}={value}"


def _typical_value(column: Mapping[str, Any]) -> str | None:
    if column.get("kind") == "category":
        levels = column.get("levels")
        return clean_text(levels[0]) if isinstance(levels, list) and levels and isinstance(levels[0], str) else None
    center = column.get("center")
    if column.get("kind") == "date":
        try:
            return (datetime.date(1970, 1, 1) + datetime.timedelta(days=math.floor(center))).isoformat()  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            return None
    return _format(center)


def _format(value: object) -> str | None:
    """Return a number with three significant digits; None for anything else."""
    if not is_number(value):
        return None
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value and abs(value) < 1000 else 0
    return f"{value:.{min(digits, 12)}f}"
