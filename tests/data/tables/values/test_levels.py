"""Levels do not depend on the format of a file."""

import polars
import pytest

from axone.data.tables.values.levels import LevelNotation, infer_levels, read_levels


def levels(values, **notation):
    return read_levels(polars.Series("c", values, strict=False), notation).to_list()


@pytest.mark.parametrize("values", [[1, 2, None], [1.0, 2.0, float("nan")], ["1", "2.0", ""], ["1.0", " 2 ", "NA"]])
def test_codes(values):
    assert levels(values) == ["1", "2", None]


def test_numbers_with_decimals_stay_apart():
    assert levels([2.5, 3.0]) == levels(["2.5", "3.0"]) == ["2.5", "3"]
    assert levels(["1.1", "1.10"]) == ["1.1", "1.10"]


@pytest.mark.parametrize("values", [[True, False], ["True", "false"], ["TRUE", "0"], ["true", "FALSE"]])
def test_truth_values(values):
    notation, read = infer_levels(polars.Series("c", values))
    assert notation == LevelNotation(is_boolean=True) and read.to_list() == ["true", "false"]


@pytest.mark.parametrize("values", [[1, 0], [1.0, 0.0], ["1.0", "0"], ["T", "F"], ["yes", "No"], [True, False]])
def test_truth_values_at_use_time(values):
    assert levels(values, is_boolean=True) == ["true", "false"]
    assert levels(["maybe", None], is_boolean=True) == ["maybe", None]


def test_yes_and_no_alone_are_words():
    notation, read = infer_levels(polars.Series("c", ["Yes", "No", "Yes", "No", "Yes"]))
    assert notation == LevelNotation() and read.to_list() == ["Yes", "No", "Yes", "No", "Yes"]


def test_codes_with_leading_zeros_keep_their_digits():
    notation, read = infer_levels(polars.Series("c", ["01067", "80331", None]))
    assert notation.to_json() == {"digits": 5} and read.to_list() == ["01067", "80331", None]
    assert levels([1067, 80331], digits=5) == levels(["1067", "80331.0"], digits=5) == ["01067", "80331"]
    assert infer_levels(polars.Series("c", ["01", "001"]))[0] == LevelNotation()
