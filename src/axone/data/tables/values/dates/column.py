"""A column of texts as dates or times of day: whether it is one, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axone.data.tables.values.dates.order import (
    DateNotation,
    Order,
    OrderEvidence,
    decide_order,
    find_order_evidence,
    order_of_format,
    sum_other_orders,
)
from axone.data.tables.values.dates.parse import ParsedDates, parse_dates
from axone.data.tables.values.kinds import Prescription
from axone.data.tables.values.numbers.column import count_cells, is_mostly
from axone.data.tables.values.reading import Conversion, read_dates
from axone.data.tables.values.unreadable import NOT_A_DATE

ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]|$)"


@dataclass(frozen=True)
class DateColumn:
    """A column of texts, read as dates.

    Args:
        values: The column as it was read.
        parsed: Its texts, parsed.
        evidence: What they say about the order of day and month.
        order: Which of day and month is first.
        notation: How the dates are written.
        conversion: The dates, and the cells that are none.
    """

    values: Any
    parsed: ParsedDates
    evidence: OrderEvidence
    order: Order
    notation: DateNotation
    conversion: Conversion

    def is_date(self) -> bool:
        """Return whether the column is one of dates or times, perhaps with a few errors."""
        known = len(self.parsed.texts) - self.parsed.texts.null_count()
        lost = count_cells(self.conversion, NOT_A_DATE)
        return is_mostly(1 - lost / max(1, known), self.conversion, NOT_A_DATE)

    def is_iso(self) -> bool:
        """Return whether all dates are written like 2020-05-09."""
        texts = self.parsed.texts.filter(self.conversion.values.is_not_null())
        return bool(texts.str.contains(ISO).all())


def read_date_columns(
    columns: Mapping[str, tuple[Any, Any]], prescriptions: Mapping[str, Prescription]
) -> dict[str, DateColumn]:
    """Read columns of texts as dates, each with regard to the others.

    Args:
        columns: By name, the column as it was read, and its texts.
        prescriptions: What the user prescribes.
    """
    parsed = {name: parse_dates(texts, likely=True) for name, (_values, texts) in columns.items()}
    evidence = {name: find_order_evidence(dates) for name, dates in parsed.items()}
    others = sum_other_orders(evidence)
    read = {}
    for name, (values, _texts) in columns.items():
        dates = parsed[name]
        text = prescriptions[name].example if name in prescriptions else ""
        prescribed = DateNotation(order_of_format(text), text)
        order = decide_order(dates, evidence[name], others[name], prescribed=prescribed)
        is_time = int(dates.is_time.sum()) > int(dates.is_read().sum()) / 2
        notation = DateNotation(order.first if order.reason else "", text, is_time)
        read[name] = DateColumn(
            values, dates, evidence[name], order, notation, read_dates(values, dates, order, notation)
        )
    return read
