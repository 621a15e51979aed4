"""Numbers as the reader's language writes them."""

import math

import pytest

from axone import messages, numbers


@pytest.fixture(autouse=True)
def _english_again():
    messages.use("en")
    yield
    messages.use("en")


def test_numbers_are_written_in_english():
    written = [numbers.format_number(value) for value in (225034, 1234.5, 0.12345, 1e-5, 0.0, -0.5, math.nan, math.inf)]
    assert written == ["225,034", "1,234", "0.1235", "1e-5", "0", "-0.5", "not a number", "∞"]
    assert numbers.format_bytes(1_234_567) == "1.2\u202fMB" and numbers.format_bytes(25e9) == "25.0\u202fGB"


def test_numbers_are_written_in_french():
    messages.use("fr")
    assert numbers.format_number(1234567) == "1\u202f234\u202f567" and numbers.format_number(0.25) == "0,25"
    assert numbers.format_percent(0.9128) == "91,28\u202f%" and numbers.format_decimal(1.5, 2) == "1,50"
    assert numbers.format_bytes(1_234_567) == "1,2\u202fMo"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.21, "3.2 s"), (41.25, "41.2 s"), (200, "3 min 20 s"), (7500, "2 h 05 min"), (59.97, "1 min 00 s")],
)
def test_durations_are_written_in_units_that_fit(seconds, text):
    assert numbers.format_duration(seconds).replace(numbers.NARROW_SPACE, " ") == text
