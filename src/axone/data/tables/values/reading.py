"""The numbers and dates of one column, once it is decided how they are written, and the cells that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axone.data.tables.values.dates.order import DateNotation, Order
from axone.data.tables.values.dates.parse import ParsedDates, parse_dates, temporal_days
from axone.data.tables.values.numbers.notation import Decision
from axone.data.tables.values.numbers.parse import ParsedNumbers
from axone.data.tables.values.unreadable import (
    INFINITE,
    NOT_A_DATE,
    NOT_A_NUMBER,
    OTHER_UNIT,
    TWO_DATES,
    TWO_NUMBERS,
    Unreadable,
    collect_unreadable,
)


@dataclass(frozen=True)
class Conversion:
    """The values of a column as its kind, and the cells that cannot be read.

    Args:
        values: A polars Series: Float64 or String; null where missing, and where a cell cannot be read.
        unreadable: The cells that cannot be read, by reason.
    """

    values: Any
    unreadable: tuple[Unreadable, ...] = ()


def read_typed(values: Any, kind: str, notation: Mapping[str, Any] | None = None) -> Conversion:
    """Convert numbers, booleans or temporal values, which need no parsing, to Float64.

    NaN is missing, and an infinite number cannot be read. Whole numbers may be dates, in a format such as %Y%m%d.
    """
    import polars

    if values.dtype.is_temporal():
        return Conversion(temporal_days(values))
    known = DateNotation(**notation or {}) if kind == "date" else DateNotation()
    if known.format:
        texts = values.cast(polars.Int64, strict=False).cast(polars.String)
        return read_dates(values, parse_dates(texts), Order("day"), known)
    numbers = values.cast(polars.Float64, strict=False)
    infinite = numbers.is_infinite().fill_null(False)
    return Conversion(
        numbers.set(~numbers.is_finite().fill_null(True), None), tuple(collect_unreadable(values, INFINITE, infinite))
    )


def read_numbers(values: Any, parsed: ParsedNumbers, decision: Decision, has_unit: Any, unit: str = "") -> Conversion:
    """Return the numbers of a column of texts.

    Args:
        values: The column as it was read.
        parsed: Its texts, parsed.
        decision: Its decimal sign.
        has_unit: Boolean Series: whether each text has the unit of the column.
        unit: This unit.
    """
    texts, point = parsed.texts, parsed.point
    if not parsed.other.height and decision.decimal != "," and "." in decision.allowed:
        numbers, two_readings = point, None
    else:
        comma = parsed.comma()
        first, second = (comma, point) if decision.decimal == "," else (point, comma)
        numbers = first.zip_with(first.is_not_null(), second)
        two_readings = (point != comma).fill_null(False)
        for sign in decision.allowed:
            two_readings &= ~texts.str.contains(sign, literal=True).fill_null(False)
    infinite = numbers.is_infinite().fill_null(False)
    other_unit = ~has_unit & numbers.is_not_null()
    unreadable = [
        *collect_unreadable(values, NOT_A_NUMBER, texts.is_not_null() & numbers.is_null()),
        *collect_unreadable(values, OTHER_UNIT, other_unit, unit),
        *collect_unreadable(values, INFINITE, infinite),
    ]
    unread = other_unit | ~numbers.is_finite().fill_null(True)
    if two_readings is not None:
        unreadable += collect_unreadable(values, TWO_NUMBERS, two_readings & ~other_unit)
        unread |= two_readings
    return Conversion(numbers.set(unread, None).alias(values.name), tuple(unreadable))


def read_dates(values: Any, parsed: ParsedDates, order: Order, notation: DateNotation) -> Conversion:
    """Return the dates of a column of texts as days since 1970, or its times of day as fractions of a day.

    Args:
        values: The column as it was read.
        parsed: Its texts, parsed.
        order: Which of day and month is first.
        notation: Its format, and whether it holds times of day.
    """
    first, second = parsed.day_first, parsed.month_first
    if order.first == "month":
        first, second = second, first
    days = first.zip_with(first.is_not_null(), second)
    two_readings = (first != second).fill_null(False) & (not order.reads_either)
    if notation.format:
        prescribed = read_format(parsed.texts, notation.format)
        two_readings &= prescribed.is_null()
        days = prescribed.zip_with(prescribed.is_not_null(), days)
    else:
        days = days.set(parsed.is_time != notation.is_time, None)
    not_a_date = parsed.texts.is_not_null() & days.is_null()
    unreadable = [
        *collect_unreadable(values, NOT_A_DATE, not_a_date),
        *collect_unreadable(values, TWO_DATES, two_readings),
    ]
    return Conversion(days.set(two_readings, None).alias(values.name), tuple(unreadable))


def read_format(texts: Any, text: str) -> Any:
    """Return texts in a format of `strptime` as days since 1970; null where they have another."""
    import polars

    if ("%H" in text or "%I" in text) and "%M" not in text:  # which polars needs
        texts, text = texts + " 00", text + " %M"
    try:
        if any(code in text for code in ("%H", "%I", "%M", "%S", "%T", "%R", "%p", "%X", "%s")):
            return temporal_days(texts.str.to_datetime(text, strict=False, time_unit="us"))
        return temporal_days(texts.str.to_date(text, strict=False))
    except polars.exceptions.PolarsError:
        return polars.repeat(None, len(texts), dtype=polars.Float64, eager=True)
