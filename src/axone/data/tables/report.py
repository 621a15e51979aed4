"""The data report of a table, before training: sentences for people, and a document of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axone.data.images.report import count_classes, is_imbalanced
from axone.data.tables.columns import Columns
from axone.data.tables.table import Table
from axone.data.tables.values.column import Column
from axone.messages import _, plural
from axone.numbers import format_number

MAX_LISTED = 8


def describe(table: Table, columns: Columns, samples: Mapping[str, int]) -> list[str]:
    """Return the data report: source, rows, kinds of columns, target, missing values, and columns that are not used.

    Args:
        table: The table.
        columns: The facts of its columns.
        samples: The number of rows of each split: train, validation, test.
    """
    lines = [
        _("{name}: {source}.", name=table.name, source=table.source),
        _("{train} training rows, {validation} validation rows, {test} test rows.",
          **{part: format_number(count) for part, count in samples.items()}),
    ]  # fmt: skip
    words = {"number": _("numbers"), "date": _("dates"), "category": _("categories")}
    for kind, word in words.items():
        names = [column.name for column in table.columns if column.kind == kind]
        if names:
            lines.append(f"{word} ({format_number(len(names))}): {_list_names(names)}")
    if table.task != "none":
        lines.append(_target(table))
    if gaps := [column for column in table.columns if column.missing]:
        listed = _list_names([f"{column.name} {format_number(column.missing)}" for column in gaps])
        lines.append(
            _("Missing values: {columns}. Missing numbers become the median and are indicated; "
              "missing categories are a category of their own.", columns=listed)
        )  # fmt: skip
    many = [c.name for c, fact in zip(table.columns, columns) if len(fact.get("levels", ())) < _levels(c)]
    if many:
        lines.append(_("Rare categories count as unseen ones: {columns}.", columns=_list_names(many)))
    return lines + list(table.notes)


def build_report(table: Table, columns: Columns) -> dict[str, Any]:
    """Return the data report as data_report.json stores it."""
    facts = {fact["name"]: dict(fact) for fact in columns}
    for fact in facts.values():
        fact["levels_kept"] = len(fact.pop("levels", ()))
    return {
        "version": 1,
        "name": table.name,
        "source": table.source,
        "rows": table.rows,
        "task": table.task,
        "target": list(table.target),
        "classes": _balance(table),
        "columns": [{**facts[c.name], "distinct": c.distinct, "missing_count": c.missing} for c in table.columns],
        "not_used": [{"name": column.name, "notes": list(column.notes)} for column in table.dropped],
        "notes": list(table.notes),
    }


def _levels(column: Column) -> int:
    return column.distinct if column.kind == "category" else 0


def _balance(table: Table) -> dict[str, int]:
    return dict(zip(table.classes, count_classes(table.targets, len(table.classes)))) if table.classes else {}


def _target(table: Table) -> str:
    names = ", ".join(table.target)
    if not table.classes:
        low, high = table.targets.min(0).values.tolist(), table.targets.max(0).values.tolist()
        ranges = _list_names(
            [_("{low} to {high}", low=format_number(a), high=format_number(b)) for a, b in zip(low, high)]
        )
        return _("Target (regression): {names} ({ranges}).", names=names, ranges=ranges)
    counts = count_classes(table.targets, len(table.classes))
    sizes = _list_names([f"{name} {format_number(count)}" for name, count in zip(table.classes, counts)])
    line = _("Target (classification): {names} ({classes}).", names=names, classes=sizes)
    if is_imbalanced([max(count, 1) for count in counts]):
        line += " " + _("The classes are imbalanced: accuracy alone favors the large ones.")
    return line


def _list_names(names: list[str]) -> str:
    listed = ", ".join(names[:MAX_LISTED])
    rest = len(names) - MAX_LISTED
    return listed if rest <= 0 else listed + " " + plural("and {count} more", "and {count} more", rest)
