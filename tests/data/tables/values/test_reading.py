"""The numbers and dates of one column, and the cells that cannot be read, by reason."""

from datetime import date

import polars

from axone.data.tables.values.dates.order import DateNotation, Order
from axone.data.tables.values.dates.parse import parse_dates
from axone.data.tables.values.numbers.notation import Decision, NumberNotation, choose_unit
from axone.data.tables.values.numbers.parse import parse_numbers
from axone.data.tables.values.reading import read_dates, read_format, read_numbers, read_typed


def numbers(*texts, decimal=".", allowed=".,", unit=""):
    values = polars.Series("c", texts)
    parsed = parse_numbers(values)
    has_unit = choose_unit(parsed, NumberNotation(unit=unit))[1]
    read = read_numbers(values, parsed, Decision(decimal, "column", allowed), has_unit)
    return read.values.to_list(), {cells.reason: cells.rows for cells in read.unreadable}


def test_numbers_are_read_with_their_decimal_sign():
    assert numbers("1,234", "1.5", "1,5") == ([1234.0, 1.5, 1.5], {})
    assert numbers("1,234", "1.234", "1.5", decimal=",") == ([1.234, 1234.0, 1.5], {})


def test_what_cannot_be_read():
    assert numbers("x", "inf", "7 kg", None) == ([None] * 4, {"number": (0,), "infinite": (1,), "unit": (2,)})
    assert numbers("1,234", "1.234", allowed=".") == ([None, 1.234], {"two numbers": (0,)})
    assert numbers("1.234", "5", allowed="") == ([None, 5.0], {"two numbers": (0,)})


def test_dates_are_read_in_their_order():
    values = polars.Series("c", ["05/09/2020", "x", None, "25/09/2020"])
    september, may = 18510.0, 18391.0
    for order, first in ((Order("day"), september), (Order("month"), may)):
        read = read_dates(values, parse_dates(values), order, DateNotation())
        assert read.values.to_list() == [first, None, None, september + 20]
        assert [cells.rows for cells in read.unreadable] == [(1,)]
    either = read_dates(values, parse_dates(values), Order("day", "column", False), DateNotation())
    assert either.values.null_count() == 3 and {cells.reason for cells in either.unreadable} == {"date", "two dates"}


def test_values_of_other_types():
    assert read_typed(polars.Series([True, False]), "number").values.to_list() == [1.0, 0.0]
    infinite = read_typed(polars.Series([1.0, float("inf"), float("nan")]), "number")
    assert infinite.values.to_list() == [1.0, None, None] and infinite.unreadable[0].rows == (1,)
    assert read_typed(polars.Series([date(1970, 1, 3)]), "date").values.to_list() == [2.0]
    assert read_typed(polars.Series([19700103]), "date", {"format": "%Y%m%d"}).values.to_list() == [2.0]


def test_a_format_that_does_not_fit_reads_nothing():
    assert read_format(polars.Series(["1970-01-03", "x"]), "%Y-%m-%d").to_list() == [2.0, None]
    assert read_format(polars.Series(["x", "y"]), "%Q").to_list() == [None, None]
