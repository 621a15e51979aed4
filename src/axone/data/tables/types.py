"""What kind of values a column holds, and the values themselves as that kind: numbers, dates or categories.

A number is a float64 or missing, never infinite; a date is the number of days since 1970; a category is text. What
is found can be overruled (`kind`). The same conversion serves training and use, where the kind is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axone.errors import DataError, SettingsError, closest
from axone.messages import _, plural
from axone.numbers import number, percent

KINDS = ("number", "date", "category", "drop")
# Text that says in a column of numbers that there is none; in a column of words fewer of them do.
MISSING_NUMBERS = ("", "na", "n/a", "nan", "null", "none", "-", "--", "?", "#n/a", "#na", "missing", "unknown")
MISSING_WORDS = ("", "na", "n/a", "nan", "null", "#n/a", "#na")
MOSTLY = 0.9  # share of numbers among the values from which on a column is one of numbers with a few slips in it
EXACT = 2**53  # whole numbers beyond are not told apart by a float64
DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$"
DECIMAL_COMMA = r"^[+-]?\d+,\d+$"
FEW_ROWS = 20  # in fewer, it means little that all values differ


@dataclass(frozen=True)
class Column:
    """One column: its kind, how many values differ or are missing, and what to say of it."""

    name: str
    kind: str  # of KINDS; "drop": not used
    distinct: int
    missing: int
    notes: tuple[str, ...] = ()
    decimal_comma: bool = False  # its numbers were written 1,5 in the file


def infer_column(values: Any, kind: str | None = None, *, decimal_comma: bool = False) -> tuple[Column, Any]:
    """Find the kind of a polars Series (or take the one given); return it with the values as that kind.

    `decimal_comma`: where the file's delimiter is not the comma, 1,5 may be a number. Raises DataError for a
    column that holds neither numbers nor words.
    """
    name = values.name
    notes: list[str] = []
    if values.dtype.is_nested() or str(values.dtype) in ("Object", "Binary"):
        raise DataError(
            _("The column '{name}' holds {kind}, neither numbers nor words.", name=name, kind=str(values.dtype)[:60]),
            hint=_("leave the column out"),
        )
    asked = kind is not None
    comma = decimal_comma and _is_text(values) and _writes_commas(values)
    if kind is None:
        kind, found = _kind_of(values, comma)
        notes += found
    if kind == "drop":
        return Column(name, "drop", values.n_unique(), values.null_count(), tuple(notes)), values
    converted = convert(values, kind, decimal_comma=comma)
    notes += _slips(values, converted, kind, comma)
    missing, distinct = converted.null_count(), converted.drop_nulls().n_unique()
    if distinct < 2 and not asked:
        said = _("'{name}' is empty: not used.", name=name) if distinct == 0 else _(
            "'{name}' has the same value in every row: not used.", name=name
        )  # fmt: skip
        if distinct == 0 or missing == 0:
            return Column(name, "drop", distinct, missing, (said,)), values
    return Column(name, kind, distinct, missing, tuple(notes), comma), converted


def convert(values: Any, kind: str, *, decimal_comma: bool = False) -> Any:
    """Return a polars Series as a kind: Float64 for numbers and dates, String for categories; null where missing."""
    import polars

    if kind == "category":
        if values.dtype == polars.Boolean:
            return values.replace_strict({True: "true", False: "false"}, default=None, return_dtype=polars.String)
        if values.dtype.is_float():  # 3.0 and 3 are the same level
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
    """Read `zip=category, id=drop` into column -> kind. Raises SettingsError."""
    found = {}
    for part in text.split(","):
        if not part.strip():
            continue
        name, _equals, kind = (piece.strip() for piece in part.rpartition("="))
        found[name] = kind
    check_kinds(found)
    return found


def check_kinds(kinds: Mapping[str, str]) -> None:
    """Raise SettingsError unless every column is given a kind that there is."""
    for name, kind in kinds.items():
        if not name or kind not in KINDS:
            near = closest(kind, KINDS)
            raise SettingsError(
                _("'{name}={kind}' gives a column no kind.", name=name, kind=kind)
                + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
                expected=_("expected NAME=KIND with one of: {choices}", choices=", ".join(KINDS)),
            )


def _kind_of(values: Any, decimal_comma: bool) -> tuple[str, list[str]]:
    import polars

    name = values.name
    if values.dtype == polars.Boolean:
        return "category", []
    if values.dtype.is_integer():
        return _whole(name, values)
    if values.dtype.is_numeric():  # floats and decimals
        return "number", []
    if values.dtype.is_temporal():
        return "date", [_("'{name}' holds dates: used as numbers of days.", name=name)]
    texts = blank_to_null(values.cast(polars.String).str.strip_chars(), MISSING_NUMBERS).drop_nulls()
    if not len(texts):
        return "number", []
    plain = texts.str.replace_all(r"^([+-]?\d+),(\d+)$", "$1.$2") if decimal_comma else texts
    numbers = plain.cast(polars.Float64, strict=False)
    share = 1 - numbers.null_count() / len(numbers)
    if share == 1:
        exact = texts.cast(polars.Int128, strict=False)
        return _whole(name, exact) if not exact.null_count() else ("number", [])
    if share >= MOSTLY:
        return "number", []  # the slips are told by `_slips`
    if bool(texts.str.contains(DATE).all()):
        return "date", [_("'{name}' holds dates: used as numbers of days.", name=name)]
    if len(texts) >= FEW_ROWS and texts.n_unique() == len(texts):
        said = _("'{name}' is different in every row, as a name or a text is: not used (--columns {name}=category).",
                 name=name)  # fmt: skip
        return "drop", [said]
    notes = []
    if share > 0.1:
        notes.append(
            _("'{name}' holds {share} numbers among words: used as categories.", name=name, share=percent(share, 0))
        )
    return "category", notes


def _whole(name: str, values: Any) -> tuple[str, list[str]]:
    """Judge a column of whole numbers: as numbers, unless they are too long for that, as those of accounts are."""
    known = values.drop_nulls()
    if not len(known):
        return "number", []
    if max(abs(int(known.min())), abs(int(known.max()))) > EXACT:
        if len(known) >= FEW_ROWS and known.n_unique() == len(known):
            said = _("'{name}' holds whole numbers too long to be exact, different in every row: not used.", name=name)
            return "drop", [said]
        said = _("'{name}' holds whole numbers too long to be exact: used as categories.", name=name)
        return "category", [said]
    is_dense = int(known.max()) - int(known.min()) < 2 * len(known)
    if len(known) >= FEW_ROWS and known.n_unique() == len(known) and is_dense:
        said = _("'{name}' is different in every row, as a row's number is: leave it out with --columns {name}=drop.",
                 name=name)  # fmt: skip
        return "number", [said]
    return "number", []


def _slips(values: Any, converted: Any, kind: str, decimal_comma: bool) -> list[str]:
    """Say what in a column of numbers or dates was none: how many, and the first."""
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
        endless = numbers.is_infinite().fill_null(False)
    else:
        lost = polars.repeat(False, len(values), eager=True)
        endless = values.is_infinite().fill_null(False) if values.dtype.is_float() else lost
    if count := int(lost.sum()):
        row = int(lost.arg_true()[0])
        notes.append(
            plural(
                "'{name}': {count} value is no number, counted as missing; in row {row}: {value}.",
                "'{name}': {count} values are no numbers, counted as missing; first in row {row}: {value}.",
                count, name=name, row=number(row + 1), value=repr(str(values[row])[:40]),
            )
        )  # fmt: skip
    if count := int(endless.sum()):
        notes.append(
            plural(
                "'{name}': {count} value is infinite, counted as missing.",
                "'{name}': {count} values are infinite, counted as missing.",
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
    """Return the texts with nothing in the place of words that say that there is nothing."""
    return texts.set(texts.str.to_lowercase().is_in(list(words)).fill_null(True), None)


def _is_text(values: Any) -> bool:
    import polars

    return values.dtype in (polars.String, polars.Categorical, polars.Enum, polars.Null)


def _writes_commas(values: Any) -> bool:
    """Say whether numbers of a text column have a comma before their decimals."""
    import polars

    texts = values.cast(polars.String).str.strip_chars().drop_nulls()
    return bool(texts.str.contains(DECIMAL_COMMA).any()) if len(texts) else False
