"""Read the columns of a table for a model: as in training, with a remark on all that differs from it.

A model is used on tables that people wrote later, elsewhere, in another way. No value is answered that was not read:
a cell that cannot be read counts as missing where training saw missing values in that column; otherwise its row gets
an error. A column that is missing altogether is treated likewise, and one that the model does not know is ignored.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from axone.data.tables.columns import Columns, find_unseen
from axone.data.tables.files import TableContent, import_polars
from axone.data.tables.values.convert import convert_columns
from axone.errors import DataError, DataNote, closest
from axone.messages import _, plural
from axone.numbers import format_number

MAX_LISTED = 5  # names of columns in a sentence


@dataclass(frozen=True)
class KnownColumns:
    """The columns of a table as a model takes them.

    Args:
        frame: A polars.DataFrame with the columns of the model: Float64 or String, null where missing.
        errors: Why a row cannot be answered, by its position.
        row_notes: Remarks on the cells of a row, by its position.
        notes: Sentences on columns: those that are missing, unknown or written otherwise than in training.
        unreadable_notes: Sentences on cells that cannot be read, one for each kind, with their count and an example.
        cell_notes: Sentences on other cells: missing unlike in training, or of a level that it did not see.
    """

    frame: Any
    errors: Mapping[int, str] = field(default_factory=dict)
    row_notes: Mapping[int, Sequence[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unreadable_notes: tuple[str, ...] = ()
    cell_notes: tuple[str, ...] = ()


def read_known_columns(content: TableContent, facts: Mapping[str, Any], excluded: Collection[int] = ()) -> KnownColumns:
    """Return the columns that a model takes, in the order of training.

    Args:
        content: The table, with its columns in any order.
        facts: Of the run: `columns`; where it has them, `not_used` and `targets`, whose columns may be there, and
            `missing_words`.
        excluded: Rows that are not answered for another reason, on which nothing is remarked.

    Raises:
        DataError: A column is missing in which training saw no missing value.
    """
    columns: Columns = facts["columns"]
    others = {*facts.get("not_used", ()), *(target["name"] for target in facts.get("targets", ()))}
    frame, notes = _complete(content, columns)
    if unknown := [name for name in content.frame.columns if name not in frame.columns and name not in others]:
        notes.append(
            plural(
                "'{table}' has a column that the model does not know; it is ignored: {names}.",
                "'{table}' has columns that the model does not know; they are ignored: {names}.", len(unknown),
                table=content.name, names=list_names(unknown),
            )
        )  # fmt: skip
    converted = convert_columns(frame, columns, delimiter=content.delimiter, missing=facts.get("missing_words"))
    has_gaps = {fact["name"]: _has_gaps(fact) for fact in columns}
    errors: dict[int, str] = {}
    row_notes: dict[int, list[str]] = {}
    unreadable = []
    for cells in converted.unreadable:
        sentence = cells.describe(content.locate)
        if has_gaps[cells.column]:
            ending = _("It counts as missing.") if len(cells) == 1 else _("They count as missing.")
            unreadable.append(f"{sentence} {ending}")
            for row, text in cells.describe_cells():
                row_notes.setdefault(row, []).append(text + " " + _("It counts as missing."))
        else:
            unreadable.append(sentence + " " + _("Training saw no missing value there: these rows are not answered."))
            for row, text in cells.describe_cells():
                errors.setdefault(row, text)
    gaps, gap_notes = _find_gaps(converted.frame, columns, content, {*errors, *excluded})
    unseen = find_unseen(converted.frame, columns)
    for row, names in gaps.items():
        row_notes.setdefault(row, []).append(_("missing, unlike in training: {columns}", columns=", ".join(names)))
    for row, values in unseen.items():
        row_notes.setdefault(row, []).append(_("never seen in training: {values}", values="; ".join(values)))
    return KnownColumns(
        converted.frame,
        errors,
        row_notes,
        tuple(notes),
        tuple(unreadable),
        (*gap_notes, *_describe_unseen(unseen)),
    )  # fmt: skip


def warn_of(notes: Iterable[str]) -> None:
    """Warn of each note with the category `DataNote`, which the command line prints as a plain line.

    The warning is reported for the line of the caller outside of Axone.
    """
    level, frame = 1, inspect.currentframe()
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] in ("axone", "jaxtyping"):
        level, frame = level + 1, frame.f_back
    for note in notes:
        warnings.warn(note, DataNote, stacklevel=max(1, level - 1) if frame is None else level)


def list_names(names: Sequence[str]) -> str:
    """Return names in quotes, the first few of many."""
    listed = ", ".join(repr(name) for name in names[:MAX_LISTED])
    more = len(names) - MAX_LISTED
    return listed if more <= 0 else listed + " " + _("and {count} more", count=format_number(more))


def describe_absent(table: str, names: Sequence[str]) -> str:
    """Return the sentence that a table lacks columns, whose values count as missing."""
    return plural(
        "'{table}' has no column {names}: its values count as missing.",
        "'{table}' has no columns {names}: their values count as missing.", len(names),
        table=table, names=list_names(names),
    )  # fmt: skip


def _has_gaps(fact: Mapping[str, Any]) -> bool:
    return bool(fact.get("missing", False))


def _complete(content: TableContent, columns: Columns) -> tuple[Any, list[str]]:
    """Return a frame with the columns of the model, empty ones for those that may be missing, and a note on these."""
    polars = import_polars()
    frame = content.frame
    missing = [fact for fact in columns if fact["name"] not in frame.columns]
    if required := [fact["name"] for fact in missing if not _has_gaps(fact)]:
        near = closest(required[0], frame.columns)
        raise DataError(
            plural(
                "'{table}' has no column {names}.", "'{table}' has no columns {names}.", len(required),
                table=content.name, names=list_names(required),
            )
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("columns: {names}", names=", ".join([fact["name"] for fact in columns][:20])),
        )  # fmt: skip
    notes = []
    if missing:
        names = [fact["name"] for fact in missing]
        notes.append(describe_absent(content.name, names))
        frame = frame.with_columns(polars.lit(None, polars.String).alias(name) for name in names)
    return frame.select(fact["name"] for fact in columns), notes


def _find_gaps(
    frame: Any, columns: Columns, content: TableContent, excluded: set[int]
) -> tuple[dict[int, list[str]], list[str]]:
    """Return the columns, by row, whose value is missing unlike in training, and a sentence for each column."""
    rows: dict[int, list[str]] = {}
    notes = []
    for fact in columns:
        if _has_gaps(fact):
            continue
        name = fact["name"]
        missing = [row for row in frame[name].is_null().arg_true().to_list() if row not in excluded]
        for row in missing:
            rows.setdefault(row, []).append(name)
        if missing:
            notes.append(
                plural(
                    "'{name}': {count} value is missing, in {place}, unlike in training: its answer is less certain.",
                    "'{name}': {count} values are missing, first in {place}, unlike in training: their answers are "
                    "less certain.", len(missing), name=name, place=content.locate(missing[0]),
                )
            )  # fmt: skip
    return rows, notes


def _describe_unseen(unseen: Mapping[int, Sequence[str]]) -> list[str]:
    """Return a sentence on the values that training did not see, with the first."""
    if not unseen:
        return []
    count = sum(map(len, unseen.values()))
    return [
        plural(
            "{count} value was never seen in training: {value}.",
            "{count} values were never seen in training, such as {value}.", count, value=unseen[min(unseen)][0],
        )
    ]  # fmt: skip
