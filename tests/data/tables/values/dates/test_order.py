"""Whether the day or the month is first is decided from all dates."""

import polars
import pytest

from axone.data.tables.values.dates.order import (
    DateNotation,
    OrderEvidence,
    decide_order,
    find_order_evidence,
    order_of_format,
    sum_other_orders,
)
from axone.data.tables.values.dates.parse import parse_dates

NONE, DAY, MONTH = OrderEvidence(), OrderEvidence(day=3), OrderEvidence(month=2)


def decide(*texts, file=NONE, **options):
    parsed = parse_dates(polars.Series("c", texts))
    order = decide_order(parsed, find_order_evidence(parsed), file, **options)
    return order.first, order.reason, order.reads_either


def test_the_column_decides():
    assert decide("05/09/2020", "13/09/2020") == ("day", "column", True)
    assert decide("05/09/2020", "09/13/2020", file=DAY) == ("month", "column", True)
    assert decide("13/09/2020", "09/13/2020", "05/09/2020") == ("day", "column", False)
    assert decide(*["13/09/2020"] * 20, "09/13/2020", "05/09/2020") == ("day", "column", True)


def test_then_other_columns_then_training_then_the_clock():
    assert decide("05/09/2020", file=MONTH) == ("month", "file", True)
    assert decide("05/09/2020", file=MONTH, training=DateNotation("day")) == ("month", "file", True)
    assert decide("05/09/2020", training=DateNotation("month")) == ("month", "training", True)
    assert decide("05/09/2020", training=DateNotation()) == ("day", "training", False)
    assert decide("05/09/2020 5:00 PM") == ("month", "clock", True)
    assert decide("05/09/2020") == ("day", "usual", True)
    assert decide("2020-05-09") == ("day", "", True)


def test_what_the_user_writes_counts_most():
    assert decide("05/09/2020", file=DAY, prescribed=DateNotation("month")) == ("month", "user", True)


def test_columns_are_counted():
    others = sum_other_orders({"a": DAY, "b": DAY, "c": MONTH, "d": OrderEvidence(2, 2)})
    assert others["a"] == OrderEvidence(day=1, month=1) and others["d"] == OrderEvidence(day=2, month=1)


@pytest.mark.parametrize(
    ("text", "order"), [("%d/%m/%Y", "day"), ("%m-%d-%y", "month"), ("%Y%m%d", "month"), ("%d %b %Y", "")]
)
def test_a_format_has_an_order(text, order):
    assert order_of_format(text) == order


def test_notation_as_json():
    assert DateNotation("day", is_time=True).to_json() == {"order": "day", "is_time": True}
