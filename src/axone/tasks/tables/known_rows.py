"""Rows that a person asks about, read as in the training of a run: what can be answered, and why the rest cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeVar

from axone.data.tables.files import TableContent, import_polars, read_content
from axone.data.tables.known_columns import describe_absent, list_names, read_known_columns, warn_of
from axone.errors import DataError, closest
from axone.messages import _
from axone.tasks.tables.inputs import Row, RowOrigin, origin_of

Result = TypeVar("Result")


@dataclass(frozen=True)
class KnownRows:
    """The rows that can be answered.

    Args:
        frame: A polars.DataFrame of the rows that can be answered, with the columns of the model.
        notes: Their remarks, "" for most.
        errors: One entry for each row: why it cannot be answered, or None.
    """

    frame: Any
    notes: list[str]
    errors: list[DataError | None]

    def merge(self, answers: Sequence[Result]) -> list[Result | DataError]:
        """Return an answer or an error for each row, from the answers about those that can be answered."""
        remaining = iter(answers)
        return [next(remaining) if error is None else error for error in self.errors]


def read_known_rows(rows: Sequence[Row], facts: Mapping[str, Any]) -> KnownRows:
    """Read rows as the training of a run read them, and warn of what differs (`DataNote`).

    Rows of one file are read together, because the notation of a column follows from all its values.

    Args:
        rows: Rows as `read_rows` returns them.
        facts: Of the run, see `read_known_columns`.

    Raises DataError for a file without a column that the model needs.
    """
    frames, notes, errors = [], [], []
    for origin, group in groupby(rows, origin_of):
        members = list(group)
        content, reasons = _as_content(members, facts) if origin is None else (_as_file(members, origin), {})
        known = read_known_columns(content, facts, reasons)
        place: Callable[[int], str] = content.locate if len(members) > 1 or origin else lambda row: ""
        reasons = {**known.errors, **reasons}
        warn_of((*content.notes, *known.notes))
        if len(members) > 1:  # of a single row, its own remarks and its error say the same
            warn_of((*known.unreadable_notes, *known.cell_notes))
        answerable = [row not in reasons for row in range(len(members))]
        frames.append(known.frame.filter(import_polars().Series(answerable)))
        notes += ["; ".join(known.row_notes.get(row, ())) for row in range(len(members)) if answerable[row]]
        errors += [_as_error(reasons.get(row), place(row), content, origin, facts) for row in range(len(members))]
    if not frames:
        frames = [read_known_columns(_as_content([], facts)[0], facts).frame]
    return KnownRows(import_polars().concat(frames), notes, errors)


def _as_file(rows: Sequence[Row], origin: RowOrigin) -> TableContent:
    """Return the rows of a file, as far as they are asked about, with its delimiter and its lines."""
    content = origin.content
    if len(rows) < content.frame.height:
        positions = [getattr(row, "position", 0) for row in rows]
        lines = None if content.lines is None else content.lines[positions]
        return TableContent(content.frame[positions], content.name, "", content.delimiter, content.notes, lines)
    return content


def _as_content(rows: Sequence[Row], facts: Mapping[str, Any]) -> tuple[TableContent, dict[int, str]]:
    """Return rows that may have different columns as a table, and why some cannot be answered: missing columns."""
    names = [fact["name"] for fact in facts["columns"]]
    required = [fact["name"] for fact in facts["columns"] if not fact.get("missing", False)]
    others = dict.fromkeys(name for row in rows for name in row if name not in names)
    reasons = {}
    for position, row in enumerate(rows):
        if lacking := [name for name in required if name not in row]:
            near = closest(lacking[0], [str(name) for name in row])
            reasons[position] = _("The row has no column {names}.", names=list_names(lacking)) + (
                " " + _("Is it '{near}'?", near=near) if near else ""
            )
    values = {str(name): [row.get(name) for row in rows] for name in (*names, *others)}
    absent = [name for name in names if name not in required and any(name not in row for row in rows)]
    notes = (describe_absent(_("input"), absent),) if absent else ()
    return replace(read_content(values), name=_("input"), notes=notes), reasons


def _as_error(
    reason: str | None, place: str, content: TableContent, origin: RowOrigin | None, facts: Mapping[str, Any]
) -> DataError | None:
    if reason is None:
        return None
    if origin is not None:
        place = f"{content.name}, {place}"
    return DataError(
        f"{place}: {reason}" if place else reason,
        expected=_("columns: {names}", names=", ".join([fact["name"] for fact in facts["columns"]][:20])),
    )
