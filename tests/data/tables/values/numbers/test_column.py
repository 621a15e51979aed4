"""A column of texts is one of numbers, though some cells are not; codes and addresses are none."""

import polars
import pytest

from axone.data.tables.values.kinds import Prescription
from axone.data.tables.values.numbers.column import SAMPLE, has_words, read_number_columns


def column(*texts, kind=None, delimiter="", **others):
    named = {name: polars.Series(name, values) for name, values in {"c": list(texts), **others}.items()}
    prescriptions = {"c": Prescription("number", kind)} if kind is not None else {}
    return read_number_columns({name: (values, values) for name, values in named.items()}, prescriptions, delimiter)[
        "c"
    ]


NINE = [f"{number}.5" for number in range(9)]


def test_a_tenth_may_be_errors():
    assert column(*NINE, "x").is_number() and not column(*NINE, "x", "y").is_number()
    assert column(*NINE, "x").conversion.values.null_count() == 1


def test_half_may_be_few_words_that_stand_for_a_missing_value():
    many = [f"{number}.5" for number in range(20)]
    assert column(*many, *["to do"] * 15).is_number()
    assert not column(*many, *["to do", "open"] * 7).is_number()
    assert not column(*many, *["to do"] * 25).is_number()


@pytest.mark.parametrize("text", ["01067", "007", "+33612345678"])
def test_codes(text):
    codes = column("12345", text)
    assert not codes.is_number() and codes.find_code() == text
    assert column("0.5", text, "1.25").is_number() and column("0", "12").find_code() == ""


def test_addresses_are_no_numbers_with_points_between_thousands():
    assert not column("192.168.100.101", "192.168.100.102").is_number()
    assert column("1.234.567", "1.234.568").is_number()


def test_other_columns_decide():
    assert column("1,234", d=["0.5", "1.5"]).conversion.values.to_list() == [1234.0]
    assert column("1,234", d=["0,5", "1,5"]).conversion.values.to_list() == [1.234]
    assert column("1,234", kind="1.234,5", d=["0.5"]).conversion.values.to_list() == [1.234]


def test_notation_and_units():
    assert column("$1,234.50", "$2").notation.to_json() == {"decimal": ".", "thousands": ",", "unit": "$"}
    assert column("5 kg", "7 g", "3 kg").units() == ["kg", "g"] and column("5").units() == []
    assert column("10-20", "1/2").looks_like_numbers() and not column("a1", "b2").looks_like_numbers()


def test_a_long_column_of_words_is_told_from_a_sample():
    words = polars.Series("c", ["north", "south"] * SAMPLE)
    assert has_words(words) and not has_words(words.head(9))
    assert not has_words(polars.Series("c", ["north", "5"] * SAMPLE))
    assert not has_words(polars.Series("c", ["north", "1 May 2020"] * SAMPLE))
