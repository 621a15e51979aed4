"""The kind of values of a column, and its values as that kind: numbers, dates or categories.

A number is a float64 or missing, never infinite; a date is the number of days since 1970; a category is text. The
kind is inferred, or set by the user. Training and prediction, where the kind is known, use the same conversion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axone.errors import DataError, SettingsError, closest
from axone.messages import _, plural
from axone.numbers import format_number, format_percent

KINDS = ("number", "date", "category", "drop")
# Texts that mean a missing value in a column of numbers; in a column of words fewer texts do.
MISSING_NUMBERS = ("", "na", "n/a", "nan", "null", "none", "-", "--", "?", "#n/a", "#na", "missing", "unknown")
MISSING_WORDS = ("", "na", "n/a", "nan", "null", "#n/a", "#na")
MOSTLY = 0.9  # a column with at least this fraction of numbers is a column of numbers with a few errors
EXACT = 2**53  # larger whole numbers are not exact in float64
DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$"
DECIMAL_COMMA = r"^[+-]?\d+,\d+$"
FEW_ROWS = 20  # in fewer rows, it means little that all values differ


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        name: Its name.
        kind: One of KINDS; "drop": it is not used.
        distinct: The number of different values.
        missing: The number of missing values.
        notes: Sentences for people.
        decimal_comma: Its numbers are written like 1,5 in the file.
    """

    name: str
    kind: str
    distinct: int
    missing: int
    notes: tuple[str, ...] = ()
    decimal_comma: bool = False


def infer_column(values: Any, kind: str | None = None, *, decimal_comma: bool = False) -> tuple[Column, Any]:
    """Infer the kind of a column; return it with the values as that kind.

    Args:
        values: A polars Series.
        kind: The kind, where it is known.
        decimal_comma: 1,5 may be a number, because the delimiter of the file is not the comma.

    Raises:
        DataError: The column contains neither numbers nor words.
    """
    name = values.name
    notes: list[str] = []
    if values.dtype.is_nested() or str(values.dtype) in ("Object", "Binary"):
        raise DataError(
            _(
                "The column '{name}' contains {kind}, neither numbers nor words.",
                name=name,
                kind=str(values.dtype)[:60],
            ),
            hint=_("leave the column out"),
        )
    is_set = kind is not None
    comma = decimal_comma and _is_text(values) and _writes_commas(values)
    if kind is None:
        kind, reasons = _infer_kind(values, comma)
        notes += reasons
    if kind == "drop":
        return Column(name, "drop", values.n_unique(), values.null_count(), tuple(notes)), values
    converted = convert(values, kind, decimal_comma=comma)
    notes += _describe_errors(values, converted, kind, comma)
    missing, distinct = converted.null_count(), converted.drop_nulls().n_unique()
    if distinct < 2 and not is_set:
        note = _("'{name}' is empty: not used.", name=name) if distinct == 0 else _(
            "'{name}' has the same value in every row: not used.", name=name
        )  # fmt: skip
        if distinct == 0 or missing == 0:
            return Column(name, "drop", distinct, missing, (note,)), values
    return Column(name, kind, distinct, missing, tuple(notes), comma), converted


def convert(values: Any, kind: str, *, decimal_comma: bool = False) -> Any:
    """Return a polars Series as a kind: Float64 for numbers and dates, String for categories, null where missing."""
    import polars

    if kind == "category":
        if values.dtype == polars.Boolean:
            return values.replace_strict({True: "true", False: "false"}, default=None, return_dtype=polars.String)
        if values.dtype.is_float():  # 3.0 and 3 are the same category
            whole = values.drop_nulls().drop_nans()
            values = values.fill_nan(None)
            if len(whole) and bool((whole == whole.round()).all()) and bool((whole.abs() < EXACT).all()):
                values = values.cast(polars.Int64)
        texts = values.cast(polars.String).str.strip_chars()
        return blank_to_null(texts, MISSING_WORDS)
    if kind == "date":
        return _days(values)
    if _is_text(values):
        texts = blank_to_null(values.cast(polars.String).str.strip_chars(), MISSING_NUMBERS)
        if decimal_comma:
            texts = texts.str.replace_all(r"^([+-]?\d+),(\d+)$", "$1.$2")
        values = texts.cast(polars.Float64, strict=False)
    elif values.dtype.is_temporal():
        return _days(values)
    numbers = values.cast(polars.Float64, strict=False)
    return numbers.set(~numbers.is_finite().fill_null(True), None)


def parse_kinds(text: str) -> dict[str, str]:
    """Parse `zip=category, id=drop` into a dict from column to kind. Raises SettingsError."""
    kinds = {}
    for part in text.split(","):
        if not part.strip():
            continue
        name, _equals, kind = (word.strip() for word in part.rpartition("="))
        kinds[name] = kind
    check_kinds(kinds)
    return kinds


def check_kinds(kinds: Mapping[str, str]) -> None:
    """Raise SettingsError unless the kind of every column exists."""
    for name, kind in kinds.items():
        if not name or kind not in KINDS:
            near = closest(kind, KINDS)
            raise SettingsError(
                _("'{name}={kind}' does not set the kind of a column.", name=name, kind=kind)
                + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
                expected=_("expected NAME=KIND with one of: {choices}", choices=", ".join(KINDS)),
            )


def _infer_kind(values: Any, decimal_comma: bool) -> tuple[str, list[str]]:
    import polars

    name = values.name
    if values.dtype == polars.Boolean:
        return "category", []
    if values.dtype.is_integer():
        return _infer_integer_kind(name, values)
    if values.dtype.is_numeric():  # floats and decimals
        return "number", []
    if values.dtype.is_temporal():
        return "date", [_("'{name}' contains dates: used as numbers of days.", name=name)]
    texts = blank_to_null(values.cast(polars.String).str.strip_chars(), MISSING_NUMBERS).drop_nulls()
    if not len(texts):
        return "number", []
    plain = texts.str.replace_all(r"^([+-]?\d+),(\d+)$", "$1.$2") if decimal_comma else texts
    numbers = plain.cast(polars.Float64, strict=False)
    share = 1 - numbers.null_count() / len(numbers)
    if share == 1:
        exact = texts.cast(polars.Int128, strict=False)
        return _infer_integer_kind(name, exact) if not exact.null_count() else ("number", [])
    if share >= MOSTLY:
        return "number", []  # `_describe_errors` reports the others
    if bool(texts.str.contains(DATE).all()):
        return "date", [_("'{name}' contains dates: used as numbers of days.", name=name)]
    if len(texts) >= FEW_ROWS and texts.n_unique() == len(texts):
        note = _("'{name}' is different in every row, like a name or a text: not used (--columns {name}=category).",
                 name=name)  # fmt: skip
        return "drop", [note]
    notes = []
    if share > 0.1:
        notes.append(
            _(
                "'{name}' contains {share} numbers among words: used as categories.",
                name=name,
                share=format_percent(share, 0),
            )
        )
    return "category", notes


def _infer_integer_kind(name: str, values: Any) -> tuple[str, list[str]]:
    """Return the kind of a column of whole numbers: "number", unless they are too long, like account numbers."""
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
    return "number", []


def _describe_errors(values: Any, converted: Any, kind: str, decimal_comma: bool) -> list[str]:
    """Return notes on values of a column of numbers or dates that are neither: how many, and the first."""
    import polars

    name = values.name
    notes: list[str] = []
    if kind == "category":
        return notes
    if _is_text(values):
        texts = blank_to_null(values.cast(polars.String).str.strip_chars(), MISSING_NUMBERS)
        plain = texts.str.replace_all(r"^([+-]?\d+),(\d+)$", "$1.$2") if decimal_comma else texts
        numbers = plain.cast(polars.Float64, strict=False) if kind == "number" else converted
        lost = texts.is_not_null() & numbers.is_null()
        infinite = numbers.is_infinite().fill_null(False)
    else:
        lost = polars.repeat(False, len(values), eager=True)
        infinite = values.is_infinite().fill_null(False) if values.dtype.is_float() else lost
    if count := int(lost.sum()):
        row = int(lost.arg_true()[0])
        notes.append(
            plural(
                "'{name}': {count} value is not a number and counts as missing; in row {row}: {value}.",
                "'{name}': {count} values are not numbers and count as missing; first in row {row}: {value}.",
                count, name=name, row=format_number(row + 1), value=repr(str(values[row])[:40]),
            )
        )  # fmt: skip
    if count := int(infinite.sum()):
        notes.append(
            plural(
                "'{name}': {count} value is infinite and counts as missing.",
                "'{name}': {count} values are infinite and count as missing.",
                count, name=name,
            )
        )  # fmt: skip
    return notes


def _days(values: Any) -> Any:
    import polars

    if _is_text(values):
        texts = values.cast(polars.String).str.strip_chars()
        day = texts.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(polars.Float64)
        clock = texts.str.extract_groups(r"[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?").struct.unnest()
        parts = [clock[field].cast(polars.Float64, strict=False).fill_null(0.0) for field in clock.columns]
        return day + parts[0] / 24 + parts[1] / 1440 + parts[2] / 86400
    if values.dtype == polars.Date:
        return values.cast(polars.Float64)
    if values.dtype == polars.Time:
        return values.cast(polars.Int64).cast(polars.Float64) / 86_400e9
    if values.dtype == polars.Duration:
        return values.dt.total_microseconds().cast(polars.Float64) / 86_400e6
    if values.dtype.is_temporal():
        return values.dt.epoch("us").cast(polars.Float64) / 86_400e6
    return convert(values, "number")


def blank_to_null(texts: Any, words: tuple[str, ...]) -> Any:
    """Return texts with null for the words that mean a missing value."""
    return texts.set(texts.str.to_lowercase().is_in(list(words)).fill_null(True), None)


def _is_text(values: Any) -> bool:
    import polars

    return values.dtype in (polars.String, polars.Categorical, polars.Enum, polars.Null)


def _writes_commas(values: Any) -> bool:
    """Return whether numbers of a text column have a decimal comma."""
    import polars

    texts = values.cast(polars.String).str.strip_chars().drop_nulls()
    return bool(texts.str.contains(DECIMAL_COMMA).any()) if len(texts) else False
