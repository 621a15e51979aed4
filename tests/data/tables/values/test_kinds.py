"""Kinds, and examples of notations, are parsed from a flag."""

import pytest

from axone.data.tables.values.kinds import Prescription, check_kinds, columns_flag, parse_kinds, parse_prescription
from axone.errors import SettingsError


def test_kinds_are_parsed():
    assert parse_kinds("zip=category, a=b=drop,") == {"zip": "category", "a=b": "drop"}
    with pytest.raises(SettingsError, match="Did you mean 'category'"):
        parse_kinds("zip=categories")
    with pytest.raises(SettingsError, match="does not set the kind"):
        check_kinds({"": "drop"})


def test_examples_may_contain_commas():
    text = "rent=number:1,234.56,zip=category,area=number:1 234,5,day=date:%d/%m/%Y"
    assert parse_kinds(text) == {
        "rent": "number:1,234.56", "zip": "category", "area": "number:1 234,5", "day": "date:%d/%m/%Y"
    }  # fmt: skip
    assert parse_prescription("day", "date:%Y-%m-%d %H:%M") == Prescription("date", "%Y-%m-%d %H:%M")


@pytest.mark.parametrize("example", ["1,234.56", "1.234,56", "1 234,56", "1'234", "12.5", "$1,234.56"])
def test_examples_of_numbers(example):
    assert parse_prescription("a", f"number:{example}") == Prescription("number", example)


@pytest.mark.parametrize("text", ["number:1,234", "number:1.234", "number:word", "date:word", "date:%d", "category:x"])
def test_examples_that_do_not_decide_are_refused(text):
    with pytest.raises(SettingsError):
        parse_prescription("a", text)


def test_a_flag_can_be_pasted():
    assert columns_flag("rent", "number:1,234.56") == "--columns rent=number:1,234.56"
    assert columns_flag("the rent", "drop") == "--columns 'the rent=drop'"
