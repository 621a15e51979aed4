"""Texts are read as numbers in the ways in which people write them."""

import polars
import pytest

from axone.data.tables.values.numbers.parse import parse_numbers


def readings(text):
    """Return the reading with a decimal point, the one with a decimal comma, and the unit."""
    parsed = parse_numbers(polars.Series("c", [text]))
    return parsed.point[0], parsed.comma()[0], parsed.units()[0]


@pytest.mark.parametrize("text", ["1234.5", "1,234.5", "1'234.5", "1’234.5", "1_234.5", "1\u202f234.5", "1.2345e3"])
def test_a_decimal_point_has_one_reading(text):
    assert readings(text) == (1234.5, None, "")


@pytest.mark.parametrize("text", ["1234,5", "1.234,5", "1'234,5", "1 234,5", "1\u00a0234,50", "1,2345e3"])
def test_a_decimal_comma_has_one_reading(text):
    assert readings(text) == (None, 1234.5, "")


def test_some_texts_have_two_readings():
    assert readings("1,234") == (1234.0, 1.234, "") and readings("1.234") == (1.234, 1234.0, "")
    assert readings("0,123") == (None, 0.123, "") and readings("0.123") == (0.123, None, "")
    assert readings("1,234,567")[:2] == (1234567.0, None) and readings("12,34,567")[:2] == (1234567.0, None)
    assert readings("1.234.567")[:2] == (None, 1234567.0)


@pytest.mark.parametrize("text", ["-5", "\u22125", "(5)", "5-", "- 5", "\u20135"])
def test_negative_numbers(text):
    assert readings(text) == (-5.0, -5.0, "")


@pytest.mark.parametrize(
    ("text", "unit"),
    [("$5", "$"), ("5 €", "€"), ("EUR 5", "€"), ("5\u00a0EUR", "€"), ("US$5", "$"), ("5 %", "%"), ("5%", "%"),
     ("CHF 5", "CHF"), ("5 kg", "kg"), ("5km/h", "km/h"), ("5 m²", "m²"), ("£5", "£"), ("5 zł", "zł")],
)  # fmt: skip
def test_currencies_percent_and_units(text, unit):
    assert readings(text) == (5.0, 5.0, unit)


def test_negative_amounts():
    assert readings("-$5.5") == readings("$-5.5") == readings("($5.5)") == readings("$(5.5)") == (-5.5, None, "$")


def test_digits_of_other_scripts():
    assert readings("١٢٣") == readings("１２３") == (123.0, 123.0, "")


@pytest.mark.parametrize(
    "text",
    ["12:30", "1/2", "10-20", "1.2.3", "192.168.1.1", "A1", "978-3-16-148410-0", "+33 6 12 34 56 78", "06 12 34 56 78",
     "-(5)", "10+", "10 kg+", "(5", "5)", "--5", "1,,5", "1 2", "1 23 456", "1'23", "$5 €", "", "."],
)  # fmt: skip
def test_others_are_no_numbers(text):
    assert readings(text)[:2] == (None, None)
