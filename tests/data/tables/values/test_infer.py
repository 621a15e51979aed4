"""The type of a column is inferred, can be overruled, and is converted alike in training and in prediction."""

from datetime import date, datetime

import polars
import pytest

from axone.data.tables.values.convert import convert
from axone.data.tables.values.infer import infer_column
from axone.data.tables.values.kinds import check_kinds, parse_kinds
from axone.errors import DataError, SettingsError


def kind_of(values, kind=""):
    return infer_column(polars.Series("c", values, strict=False), kind)[0].kind


def test_kinds_are_inferred():
    assert kind_of([1, 2, 2]) == kind_of([1.5, None, 2.5]) == "number"
    assert kind_of([1.5, 1.5]) == kind_of([None, None]) == "drop"
    assert kind_of(["1", "2.5", "1e3", "-", "-.5"]) == "number"
    assert kind_of(["red", "blue", "red"]) == kind_of([True, False, None]) == "category"
    assert kind_of(["2024-01-01", "2024-01-02T10:30", "2024-01-03 10:30:15.5"]) == "date"
    assert kind_of([date(2024, 1, 1), date(2024, 1, 2)]) == "date"
    assert kind_of(["1,5", "2,5"]) == kind_of(["1,5", "2,5", "1,5"]) == "number"
    assert kind_of([f"name {n}" for n in range(30)]) == "drop"


def test_types_that_are_requested_take_precedence():
    assert kind_of([1, 2, 2], kind="category") == "category"
    assert kind_of([7, 7], kind="number") == "number"
    assert kind_of([1, 2], kind="drop") == "drop"


def test_values_are_converted():
    def converted(values, kind):
        return convert(polars.Series("c", values, strict=False), kind).values.to_list()

    assert converted([" 1 ", "NA", "inf", "x", None, "1e400"], "number") == [1.0, None, None, None, None, None]
    assert converted(["1,5", "2"], "number") == [1.5, 2.0]
    assert converted([3.0, 4.0, None, float("nan")], "category") == ["3", "4", None, None]
    assert converted([2.5, 3.0], "category") == ["2.5", "3"]
    assert converted([" a", "", "NULL", "None"], "category") == ["a", None, None, "None"]
    assert converted([True, None], "category") == ["true", None]
    assert converted(["1970-01-02", "1970-01-02T12:00", "x", None], "date") == [1.0, 1.5, None, None]
    assert converted([datetime(1970, 1, 2, 6)], "date") == [1.25]
    assert converted([date(1970, 1, 3)], "date") == [2.0]
    assert converted([True, False], "number") == [1.0, 0.0]


def test_kinds_are_parsed_from_a_flag():
    assert parse_kinds("zip=category, a=b=drop,") == {"zip": "category", "a=b": "drop"}
    with pytest.raises(SettingsError, match="Did you mean 'category'"):
        parse_kinds("zip=categories")
    with pytest.raises(SettingsError, match="does not set the kind"):
        check_kinds({"": "drop"})


def test_lists_and_bytes_are_no_columns():
    for values in (polars.Series("c", [[1], [2]]), polars.Series("c", [b"a", b"b"])):
        with pytest.raises(DataError, match="'c' contains"):
            infer_column(values)
