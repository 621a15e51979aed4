"""Infer the kind of every column of a table to learn from, and how its values are written; return them as that kind.

A column of texts is one of numbers when at least nine of ten are, or when at least half are, with many different
values, and the others are one to three words that stand for a missing value. The others then count as missing, which
is said. The same holds for dates. Whole numbers with leading zeros are codes. Everything else is a category.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from typing import Any

from axone.data.tables.values import notes as sentences
from axone.data.tables.values.column import Column
from axone.data.tables.values.dates.column import DateColumn, read_date_columns
from axone.data.tables.values.dates.order import DateNotation
from axone.data.tables.values.kinds import Prescription, columns_flag, parse_prescription
from axone.data.tables.values.levels import EXACT, infer_levels
from axone.data.tables.values.missing import MISSING_NUMBERS, is_text, read_texts
from axone.data.tables.values.numbers.column import NumberColumn, has_words, read_number_columns
from axone.data.tables.values.reading import Conversion, read_format, read_typed
from axone.data.tables.values.unreadable import name_row
from axone.errors import DataError
from axone.messages import _

FEW_ROWS = 20  # in fewer rows, it means little that all values differ


def infer_column(values: Any, kind: str = "", *, delimiter: str = "") -> tuple[Column, Any]:
    """Infer one column, without regard to others: see `infer_columns`."""
    import polars

    return infer_columns(polars.DataFrame([values]), {values.name: kind} if kind else {}, delimiter=delimiter)[0]


def infer_columns(
    frame: Any,
    kinds: Mapping[str, str],
    *,
    delimiter: str = "",
    missing: Collection[str] | None = None,
    targets: Collection[str] = (),
    locate: Callable[[int], str] = name_row,
) -> list[tuple[Column, Any]]:
    """Infer the columns of a table to learn from; return each with its values as its kind.

    Args:
        frame: A polars.DataFrame.
        kinds: `KIND` or `KIND:EXAMPLE` by column, where the user prescribes it.
        delimiter: Of the file that the frame was read from; "" for others.
        missing: The words that mean a missing value; None: the usual ones.
        targets: The columns to predict, in which it is no remark that every row has another number.
        locate: Returns where a row (counted from 0) is, for notes.

    Raises:
        DataError: A column contains neither numbers nor words.
        SettingsError: A kind does not exist, or its example cannot be understood.
    """
    prescriptions = {name: parse_prescription(name, kind) for name, kind in kinds.items()}
    words = MISSING_NUMBERS if missing is None else missing
    texts: dict[str, tuple[Any, Any]] = {}
    for values in frame.iter_columns():
        _require_values(values)
        prescribed = prescriptions.get(values.name)
        if not is_text(values):
            continue
        is_open = prescribed is None and not _is_declared_category(values) and not has_words(values)
        if is_open or (prescribed is not None and prescribed.kind in ("number", "date")):
            texts[values.name] = values, read_texts(values, words)
    prescribed_dates = {name for name, prescribed in prescriptions.items() if prescribed.kind == "date"}
    numbers = read_number_columns(
        {name: pair for name, pair in texts.items() if name not in prescribed_dates}, prescriptions, delimiter
    )
    is_number = {name: name in prescriptions or column.is_number() for name, column in numbers.items()}
    dates = read_date_columns(
        {name: pair for name, pair in texts.items() if not is_number.get(name, False)}, prescriptions
    )
    inferred = []
    for values in frame.iter_columns():
        name = values.name
        inference = _Inference(
            values, prescriptions.get(name), numbers.get(name), dates.get(name), is_number.get(name, False),
            name in targets, delimiter, locate,
        )  # fmt: skip
        inferred.append(inference.finish(missing))
    used = {column.name for column, _values in inferred if column.kind == "number"}
    lines = dict(sentences.describe_notations(column for name, column in numbers.items() if name in used))
    return [(_add_note(column, lines.get(column.name)), values) for column, values in inferred]


def _add_note(column: Column, note: str | None) -> Column:
    return column if note is None else dataclasses.replace(column, notes=(note, *column.notes))


def _is_declared_category(values: Any) -> bool:
    import polars

    return values.dtype in (polars.Categorical, polars.Enum)


def _require_values(values: Any) -> None:
    if values.dtype.is_nested() or str(values.dtype) in ("Object", "Binary"):
        raise DataError(
            _(
                "The column '{name}' contains {kind}, neither numbers nor words.",
                name=values.name,
                kind=str(values.dtype)[:60],
            ),
            hint=_("leave the column out"),
        )


@dataclasses.dataclass(frozen=True)
class _Inference:
    """What is known of a column: as it was read, prescribed, and where it has texts, read as numbers and as dates."""

    values: Any
    prescribed: Prescription | None
    numbers: NumberColumn | None
    dates: DateColumn | None
    is_number: bool
    is_target: bool
    delimiter: str
    locate: Callable[[int], str]

    def finish(self, missing: Collection[str] | None) -> tuple[Column, Any]:
        """Return the column, and its values as its kind."""
        values, name = self.values, self.values.name
        kind, notes = (self.prescribed.kind, []) if self.prescribed else self._infer_kind()
        if kind == "drop":
            return Column(name, "drop", values.n_unique(), values.null_count(), tuple(notes)), values
        conversion, notation, more = self._read(kind, missing)
        read = conversion.values
        count, distinct = read.null_count(), read.drop_nulls().n_unique()
        if distinct < 2 and self.prescribed is None:
            note = _("'{name}' is empty: not used.", name=name) if distinct == 0 else _(
                "'{name}' has the same value in every row: not used.", name=name
            )  # fmt: skip
            if distinct == 0 or count == 0:
                return Column(name, "drop", distinct, count, (note,)), values
        return Column(name, kind, distinct, count, (*notes, *more), notation), read

    def _read(self, kind: str, missing: Collection[str] | None) -> tuple[Conversion, Mapping[str, Any], list[str]]:
        """Return the values as a kind, the notation, and notes."""
        if kind == "number" and self.numbers is not None:
            column = self.numbers
            notes = sentences.describe_choice(column, self.delimiter) + sentences.describe_mixture(column)
            notes += sentences.describe_unreadable(
                column.conversion, sentences.other_notation_flag(column), self.locate
            )
            return column.conversion, column.notation.to_json(), notes
        if kind == "date" and self.dates is not None:
            notes = sentences.describe_dates(self.dates)
            notes += sentences.describe_unreadable(
                self.dates.conversion, sentences.other_order_flag(self.dates), self.locate
            )
            return self.dates.conversion, self.dates.notation.to_json(), notes
        if kind == "category":
            level_notation, levels = infer_levels(self.values, missing)
            return Conversion(levels), level_notation.to_json(), []
        text = self.prescribed.example if self.prescribed is not None and kind == "date" else ""
        date_notation = DateNotation(format=text).to_json()
        conversion = read_typed(self.values, kind, date_notation)
        return conversion, date_notation, sentences.describe_unreadable(conversion, locate=self.locate)

    def _infer_kind(self) -> tuple[str, list[str]]:
        import polars

        values, name = self.values, self.values.name
        if values.dtype == polars.Boolean or _is_declared_category(values):
            return "category", []
        if values.dtype.is_integer():
            return self._infer_whole_numbers(values)
        if values.dtype.is_numeric():  # floats and decimals
            return "number", []
        if values.dtype.is_temporal():
            return "date", [_("'{name}' contains dates: used as numbers of days.", name=name)]
        column = self.numbers
        if column is None:
            return self._use_words(values.drop_nulls(), lambda is_used: [])
        if self.is_number:
            whole = _as_whole_numbers(column)
            return ("number", []) if whole is None else self._infer_whole_numbers(whole)
        if self.dates is not None and self.dates.is_date():
            return "date", []
        if infer_levels(values)[0].is_boolean:
            return "category", []
        return self._use_words(column.known, lambda is_used: sentences.describe_category(column, is_used))

    def _infer_whole_numbers(self, values: Any) -> tuple[str, list[str]]:
        kind, notes = _infer_whole_numbers(self.values.name, values)
        return kind, [] if self.is_target else notes

    def _use_words(self, texts: Any, describe: Callable[[bool], list[str]]) -> tuple[str, list[str]]:
        """Return the kind of a column of words: not used where each row has another; and notes on them."""
        is_used = len(texts) < FEW_ROWS or texts.n_unique() < len(texts)
        notes = describe(is_used)
        if not is_used and not notes:
            notes = [_("'{name}' is different in every row, like a name or a text: not used ({flag}).",
                       name=self.values.name, flag=columns_flag(self.values.name, "category"))]  # fmt: skip
        return ("category" if is_used else "drop"), notes


def _as_whole_numbers(column: NumberColumn) -> Any:
    """Return the numbers of a column as whole numbers, exact where they are longer than float64; None for others."""
    import polars

    if column.parsed.other.height or column.evidence.point or not column.evidence.whole:
        return None
    exact = column.known.cast(polars.Int128, strict=False)
    return None if exact.null_count() else exact


def _infer_whole_numbers(name: str, values: Any) -> tuple[str, list[str]]:
    """Return the kind of a column of whole numbers: "number", unless they are too long, like account numbers."""
    import polars

    known = values.drop_nulls()
    if not len(known):
        return "number", []
    if max(abs(int(known.min())), abs(int(known.max()))) > EXACT:
        if len(known) >= FEW_ROWS and known.n_unique() == len(known):
            note = _("'{name}' contains whole numbers too long to be exact, all different: not used.", name=name)
            return "drop", [note]
        note = _("'{name}' contains whole numbers too long to be exact: used as categories.", name=name)
        return "category", [note]
    is_dense = int(known.max()) - int(known.min()) < 2 * len(known)
    if len(known) >= FEW_ROWS and known.n_unique() == len(known) and is_dense:
        note = _("'{name}' is different in every row, like a row number: to leave it out, type --columns {name}=drop.",
                 name=name)  # fmt: skip
        return "number", [note]
    if int(known.min()) >= 19000101 and int(known.max()) <= 21001231:
        dates = read_format(known.cast(polars.String), "%Y%m%d")
        if not dates.null_count():
            note = _("'{name}' looks like dates written as {text}: used as numbers; as dates: {flag}.",
                     name=name, text=int(known[0]), flag=columns_flag(name, "date:%Y%m%d"))  # fmt: skip
            return "number", [note]
    return "number", []
