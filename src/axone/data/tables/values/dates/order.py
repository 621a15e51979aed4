"""Whether the dates of a column have the day or the month first. It is decided from all values, as for numbers.

13/05/2020 proves that the day is first, 05/13/2020 that the month is, and dates with dots have the day first. Where
every date has two readings, the evidence is, in this order: what the user wrote, the other columns of dates of the
file, what training found; otherwise the month is first where hours are written with AM and PM, else the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axone.data.tables.values.dates.parse import ParsedDates
from axone.data.tables.values.numbers.notation import MIXED

DAY, MONTH = "day", "month"


@dataclass(frozen=True)
class DateNotation:
    """How the dates of a column are written. As JSON, it is part of the facts of a run.

    Args:
        order: "day" or "month": which is first; "" when no date has two readings.
        format: As `strptime` takes it, where the user prescribes one.
        is_time: The column holds times of day.
    """

    order: str = ""
    format: str = ""
    is_time: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the fields that are not empty."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class OrderEvidence:
    """How many texts are dates with the day first only, with the month first only, and either, with two readings."""

    day: int = 0
    month: int = 0
    either: int = 0

    @property
    def order(self) -> str:
        """The order that most texts prove; "" where none does, or both do equally."""
        return "" if self.day == self.month else DAY if self.day > self.month else MONTH


@dataclass(frozen=True)
class Order:
    """The order of a column.

    Args:
        first: "day" or "month".
        reason: "user", "column", "file", "training", "clock" (AM and PM), "usual", or "" where no text has two
            readings.
        reads_either: Whether texts with two readings are read.
    """

    first: str
    reason: str = ""
    reads_either: bool = True


def find_order_evidence(parsed: ParsedDates) -> OrderEvidence:
    """Return what the texts of a column say about the order of day and month."""
    day, month = parsed.day_first, parsed.month_first
    return OrderEvidence(
        int((day.is_not_null() & month.is_null()).sum()),
        int((day.is_null() & month.is_not_null()).sum()),
        int((day != month).fill_null(False).sum()),
    )


def sum_other_orders(columns: Mapping[str, OrderEvidence]) -> dict[str, OrderEvidence]:
    """Return, for each column, how many others of its file prove that the day is first, and how many the month."""
    orders = {name: evidence.order for name, evidence in columns.items()}
    day, month = (list(orders.values()).count(first) for first in (DAY, MONTH))
    return {name: OrderEvidence(day - (first == DAY), month - (first == MONTH)) for name, first in orders.items()}


def decide_order(
    parsed: ParsedDates,
    evidence: OrderEvidence,
    file: OrderEvidence,
    *,
    prescribed: DateNotation | None = None,
    training: DateNotation | None = None,
) -> Order:
    """Decide the order of a column.

    Args:
        parsed: Its texts.
        evidence: Of its texts.
        file: Of the other columns.
        prescribed: What the user wrote.
        training: How the column was written in training; None while training.
    """
    if prescribed is not None and prescribed.order:
        return Order(prescribed.order, "user")
    if evidence.day and evidence.month:
        few = min(evidence.day, evidence.month) <= MIXED * max(evidence.day, evidence.month)
        return Order(evidence.order or DAY, "column", few)
    if evidence.order:
        return Order(evidence.order, "column")
    if not evidence.either:
        return Order(training.order or DAY if training else DAY)
    if file.order:
        return Order(file.order, "file")
    if training is not None:
        return Order(training.order or DAY, "training", bool(training.order))
    if bool(parsed.texts.str.contains(r"(?i)[0-9]\s?[ap][.]?m[.]?$").any()):
        return Order(MONTH, "clock")
    return Order(DAY, "usual")


def order_of_format(text: str) -> str:
    """Return which of day and month is first in a format of `strptime`; "" where one is not a number."""
    places = [(text.find(code), name) for name, codes in ((DAY, ("%d", "%e")), (MONTH, ("%m",))) for code in codes]
    known = sorted(place for place in places if place[0] >= 0)
    return known[0][1] if len(known) == 2 else ""
