"""Currencies are units of their own."""

import pytest

from axone.data.tables.values.numbers.units import is_currency


@pytest.mark.parametrize("unit", ["$", "€", "US$", "CHF", "eur", "kr", "zł", "₹"])
def test_currencies(unit):
    assert is_currency(unit)


@pytest.mark.parametrize("unit", ["", "%", "kg", "m²", "N", "krone"])
def test_others(unit):
    assert not is_currency(unit)
