"""One column of a table to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Column:
    """One column of a table to learn from.

    Args:
        name: Its name.
        kind: One of `kinds.KINDS`; "drop": it is not used.
        distinct: The number of different values.
        missing: The number of missing values, among them those that cannot be read.
        notes: Sentences for people.
        notation: How its values are written, plain JSON, which `convert_columns` takes: the fields of `NumberNotation`
            for numbers, of `DateNotation` for dates, of `LevelNotation` for categories. It is part of the facts of the
            column.
    """

    name: str
    kind: str
    distinct: int
    missing: int
    notes: tuple[str, ...] = ()
    notation: Mapping[str, Any] = field(default_factory=dict)
