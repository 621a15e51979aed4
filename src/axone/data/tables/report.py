"""Say what was found in a table, before anything is trained on it: in sentences, and as a document of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axone.data.images.report import count_classes, is_imbalanced
from axone.data.tables.columns import Columns
from axone.data.tables.load import Table
from axone.data.tables.types import Column
from axone.messages import _, plural
from axone.numbers import number

MOST_LISTED = 8


def describe(table: Table, columns: Columns, samples: Mapping[str, int]) -> list[str]:
    """Return the data report: source, rows, kinds of columns, target, missing values, and what is not used."""
    lines = [
        _("{name}: {source}.", name=table.name, source=table.source),
        _("{train} rows to train on, {validation} to check progress on, {test} to test on.",
          **{part: number(count) for part, count in samples.items()}),
    ]  # fmt: skip
    words = {"number": _("numbers"), "date": _("dates"), "category": _("categories")}
    for kind, word in words.items():
        names = [column.name for column in table.columns if column.kind == kind]
        if names:
            lines.append(f"{word} ({number(len(names))}): {_listed(names)}")
    if table.task != "none":
        lines.append(_target(table))
    if gaps := [column for column in table.columns if column.missing]:
        told = _listed([f"{column.name} {number(column.missing)}" for column in gaps])
        lines.append(
            _("Missing values: {columns}. A number counts as the median and is marked; a category is one of its own.",
              columns=told)
        )  # fmt: skip
    many = [c.name for c, fact in zip(table.columns, columns) if len(fact.get("levels", ())) < _levels(c)]
    if many:
        lines.append(_("Rare categories are taken together with unseen ones: {columns}.", columns=_listed(many)))
    return lines + list(table.notes)


def document(table: Table, columns: Columns) -> dict[str, Any]:
    """Return the data report as data_report.json keeps it."""
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
        ranges = _listed([_("{low} to {high}", low=number(a), high=number(b)) for a, b in zip(low, high)])
        return _("To predict, as a number: {names} ({ranges}).", names=names, ranges=ranges)
    found = count_classes(table.targets, len(table.classes))
    told = _listed([f"{name} {number(count)}" for name, count in zip(table.classes, found)])
    line = _("To predict, as a class: {names} ({classes}).", names=names, classes=told)
    if is_imbalanced([max(count, 1) for count in found]):
        line += " " + _("That is uneven: accuracy alone will flatter the large classes.")
    return line


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_LISTED])
    rest = len(names) - MOST_LISTED
    return shown if rest <= 0 else shown + " " + plural("and {count} more", "and {count} more", rest)


__all__ = ["describe", "document"]
