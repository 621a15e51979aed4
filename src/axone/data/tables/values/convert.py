"""Convert columns to their kinds: numbers and dates to Float64, categories to levels; report what cannot be read.

Training and use have the same conversion. Training passes what it decided about the columns, use what the facts of
the run say about them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from axone.data.tables.values.dates import days
from axone.data.tables.values.levels import read_levels
from axone.data.tables.values.missing import MISSING_NUMBERS, is_text, read_texts
from axone.data.tables.values.notation import (
    Decision,
    Evidence,
    NumberNotation,
    choose_unit,
    decide,
    find_evidence,
    sum_evidence,
)
from axone.data.tables.values.numbers import ParsedNumbers, parse_numbers
from axone.data.tables.values.unreadable import (
    INFINITE,
    NOT_A_DATE,
    NOT_A_NUMBER,
    OTHER_UNIT,
    TWO_READINGS,
    Unreadable,
    collect_unreadable,
)


@dataclass(frozen=True)
class Conversion:
    """The values of a column as its kind, and the cells that cannot be read.

    Args:
        values: A polars Series: Float64 or String; null where missing, and where a cell cannot be read.
        unreadable: The cells that cannot be read, by reason.
        notes: Sentences for people about how the cells were read.
    """

    values: Any
    unreadable: tuple[Unreadable, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConvertedColumns:
    """Columns of a table as a model takes them.

    Args:
        frame: A polars.DataFrame with the values of `Conversion` in the order of the facts.
        unreadable: The cells that cannot be read, by column and reason. They are null in the frame.
        notes: Sentences for people about how the columns were read.
    """

    frame: Any
    unreadable: tuple[Unreadable, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())


def convert_columns(
    frame: Any, columns: Sequence[Mapping[str, Any]], *, delimiter: str = "", missing: Collection[str] | None = None
) -> ConvertedColumns:
    """Convert the columns of a table for a model, as training read them.

    A number or a date that is written otherwise than in training is read where the text, the other texts of its
    column, or the other columns leave no doubt.

    Args:
        frame: A polars.DataFrame with the columns, which may hold texts, numbers, dates.
        columns: The facts of the columns: `name`, `kind` and `notation`, as `Column.notation` describes it.
        delimiter: Of the file that the frame was read from; "" for others.
        missing: The words that mean a missing value; None: the usual ones.
    """
    import polars

    parsed = {
        fact["name"]: parse_numbers(read_texts(frame[fact["name"]], MISSING_NUMBERS if missing is None else missing))
        for fact in columns
        if fact["kind"] == "number" and is_text(frame[fact["name"]])
    }
    evidence = {name: find_evidence(texts) for name, texts in parsed.items()}
    conversions = []
    for fact in columns:
        name, notation = fact["name"], fact.get("notation")
        values = frame[name]
        if name in parsed:
            others = sum_evidence(found for other, found in evidence.items() if other != name)
            conversions.append(
                _convert_known_numbers(values, parsed[name], evidence[name], others, delimiter, notation)
            )
        else:
            conversions.append(convert(values, fact["kind"], notation, missing=missing))
    return ConvertedColumns(
        polars.DataFrame([conversion.values for conversion in conversions]),
        tuple(cells for conversion in conversions for cells in conversion.unreadable),
        tuple(note for conversion in conversions for note in conversion.notes),
    )


def convert(
    values: Any, kind: str, notation: Mapping[str, Any] | None = None, *, missing: Collection[str] | None = None
) -> Conversion:
    """Convert one column, without regard to others.

    Args:
        values: A polars Series.
        kind: "number", "date" or "category".
        notation: How it was written in training.
        missing: The words that mean a missing value; None: the usual ones.
    """
    if kind == "category":
        return Conversion(read_levels(values, missing))
    if is_text(values):
        texts = read_texts(values, MISSING_NUMBERS if missing is None else missing)
        if kind == "date":
            read = days(texts)
            return Conversion(read, tuple(collect_unreadable(values, NOT_A_DATE, texts.is_not_null() & read.is_null())))
        parsed = parse_numbers(texts)
        return _convert_known_numbers(values, parsed, find_evidence(parsed), Evidence(), "", notation)
    if values.dtype.is_temporal():
        return Conversion(days(values))
    return finite_numbers(values)


def finite_numbers(values: Any) -> Conversion:
    """Convert numbers or booleans to Float64; NaN is missing, and an infinite number cannot be read."""
    import polars

    numbers = values.cast(polars.Float64, strict=False)
    infinite = numbers.is_infinite().fill_null(False)
    return Conversion(
        numbers.set(~numbers.is_finite().fill_null(True), None), tuple(collect_unreadable(values, INFINITE, infinite))
    )


def _convert_known_numbers(
    values: Any,
    parsed: ParsedNumbers,
    evidence: Evidence,
    file: Evidence,
    delimiter: str,
    notation: Mapping[str, Any] | None,
) -> Conversion:
    training = NumberNotation(**notation or {})
    decision = decide(evidence, file=file, delimiter=delimiter, training=training)
    return read_numbers(values, parsed, decision, choose_unit(parsed, training)[1])


def read_numbers(values: Any, parsed: ParsedNumbers, decision: Decision, has_unit: Any) -> Conversion:
    """Return the numbers of a column of texts.

    Args:
        values: The column as it was read.
        parsed: Its texts, parsed.
        decision: Its decimal sign.
        has_unit: Boolean Series: whether each text has the unit of the column.
    """
    texts, point = parsed.texts, parsed.point
    if not parsed.other.height and decision.decimal != ",":
        numbers = point
        two_readings = numbers.is_null() & texts.is_not_null()  # none
    else:
        comma = parsed.comma()
        first, second = (comma, point) if decision.decimal == "," else (point, comma)
        numbers = first.zip_with(first.is_not_null(), second)
        two_readings = (point != comma).fill_null(False)
        for sign in ".,":
            if sign in decision.allowed:
                two_readings &= ~texts.str.contains(sign, literal=True).fill_null(False)
    is_nan = numbers.is_nan().fill_null(False)
    infinite = numbers.is_infinite().fill_null(False)
    is_lost = texts.is_not_null() & numbers.is_null()
    other_unit = ~has_unit & numbers.is_not_null() & ~two_readings
    unreadable = [
        *collect_unreadable(values, NOT_A_NUMBER, is_lost),
        *collect_unreadable(values, TWO_READINGS, two_readings),
        *collect_unreadable(values, OTHER_UNIT, other_unit),
        *collect_unreadable(values, INFINITE, infinite),
    ]
    numbers = numbers.set(two_readings | other_unit | infinite | is_nan, None)
    return Conversion(numbers.alias(values.name), tuple(unreadable))
