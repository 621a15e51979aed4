"""Sentences on a target whose meaning is uncertain: whole numbers that may be classes, and classes of one row."""

from __future__ import annotations

from axone.data.images.report import count_classes
from axone.data.tables.known_columns import list_names
from axone.data.tables.table import Table
from axone.messages import _, plural
from axone.numbers import format_number

FEW_NUMBERS = 6  # whole numbers from which on classes may be numbers, such as ratings from 1 to 10
MOST_NUMBERS = 1000  # whole numbers up to which a numeric target may name classes


def describe_choice(table: Table) -> list[str]:
    """Return which task was chosen for a target of whole numbers, where the other is possible too."""
    if table.task == "classification":
        if len(table.classes) < FEW_NUMBERS or not all(_is_whole(name) for name in table.classes):
            return []
        return [
            _("'{name}' has {count} different whole numbers, which are taken for classes; to predict numbers, type "
              "--task regression", name=table.target[0], count=len(table.classes))
        ]  # fmt: skip
    if table.task != "regression" or len(table.target) != 1:
        return []
    values = table.targets[:, 0]
    distinct = len(values.unique())
    if not bool((values == values.round()).all()) or distinct > min(MOST_NUMBERS, len(values) // 2):
        return []
    return [
        _("'{name}' has {count} different whole numbers and is predicted as a number; if they name classes, type "
          "--task classification", name=table.target[0], count=format_number(distinct))
    ]  # fmt: skip


def describe_small_classes(table: Table) -> list[str]:
    """Return a sentence on classes of a single row, which cannot be learned and tested."""
    counts = count_classes(table.targets, len(table.classes)) if table.classes else []
    names = [name for name, count in zip(table.classes, counts) if count == 1]
    if not names:
        return []
    return [
        plural(
            "{count} class has a single row and can hardly be learned, nor tested: {names}. Merge it with another, or "
            "leave out the row.",
            "{count} classes have a single row and can hardly be learned, nor tested: {names}. Merge them, or leave "
            "out their rows.", len(names), names=list_names(names),
        )
    ]  # fmt: skip


def _is_whole(text: str) -> bool:
    return text.lstrip("-").isdecimal()
