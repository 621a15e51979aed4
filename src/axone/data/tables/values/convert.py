"""Convert columns to their kinds: numbers and dates to Float64, categories to levels; report what cannot be read.

Training and use have the same conversion. Training passes what it decided about the columns, use what the facts of
the run say about them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axone.data.tables.values.dates.order import (
    DateNotation,
    decide_order,
    find_order_evidence,
    sum_other_orders,
)
from axone.data.tables.values.dates.parse import parse_dates
from axone.data.tables.values.levels import read_levels
from axone.data.tables.values.missing import MISSING_NUMBERS, is_text, read_texts
from axone.data.tables.values.numbers.notation import (
    NumberNotation,
    choose_unit,
    decide,
    find_evidence,
    sum_others,
)
from axone.data.tables.values.numbers.parse import parse_numbers
from axone.data.tables.values.reading import Conversion, read_dates, read_numbers, read_typed
from axone.data.tables.values.unreadable import Unreadable


@dataclass(frozen=True)
class ConvertedColumns:
    """Columns of a table as a model takes them.

    Args:
        frame: A polars.DataFrame with the values of `Conversion` in the order of the facts.
        unreadable: The cells that cannot be read, by column and reason. They are null in the frame.
    """

    frame: Any
    unreadable: tuple[Unreadable, ...] = ()


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

    words = MISSING_NUMBERS if missing is None else missing
    texts = {
        kind: {
            fact["name"]: read_texts(frame[fact["name"]], words)
            for fact in columns
            if fact["kind"] == kind and is_text(frame[fact["name"]])
        }
        for kind in ("number", "date")
    }
    numbers = {name: parse_numbers(written) for name, written in texts["number"].items()}
    dates = {name: parse_dates(written) for name, written in texts["date"].items()}
    signs = {name: find_evidence(parsed) for name, parsed in numbers.items()}
    orders = {name: find_order_evidence(parsed) for name, parsed in dates.items()}
    other_signs, other_orders = sum_others(signs), sum_other_orders(orders)
    conversions = []
    for fact in columns:
        name, notation = fact["name"], fact.get("notation") or {}
        values = frame[name]
        if name in numbers:
            training = NumberNotation(**notation)
            decision = decide(signs[name], file=other_signs[name], delimiter=delimiter, training=training)
            unit, has_unit = choose_unit(numbers[name], training)
            conversions.append(read_numbers(values, numbers[name], decision, has_unit, unit))
        elif name in dates:
            known = DateNotation(**notation)
            order = decide_order(dates[name], orders[name], other_orders[name], training=known)
            conversions.append(read_dates(values, dates[name], order, known))
        elif fact["kind"] == "category":
            conversions.append(Conversion(read_levels(values, notation, missing=missing)))
        else:
            conversions.append(read_typed(values, fact["kind"], notation))
    return ConvertedColumns(
        polars.DataFrame([conversion.values for conversion in conversions]),
        tuple(cells for conversion in conversions for cells in conversion.unreadable),
    )


def convert(
    values: Any, kind: str, notation: Mapping[str, Any] | None = None, *, missing: Collection[str] | None = None
) -> Conversion:
    """Convert one column, without regard to others: see `convert_columns`."""
    import polars

    fact = {"name": values.name, "kind": kind, "notation": notation}
    converted = convert_columns(polars.DataFrame([values]), [fact], missing=missing)
    return Conversion(converted.frame.to_series(), converted.unreadable)
