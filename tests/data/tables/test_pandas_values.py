"""Columns of pandas are read as those of files: nullable, categorical, of objects, and with time zones."""

from datetime import datetime

import pytest

from axone.data.tables.load import load_table

pandas = pytest.importorskip("pandas")
LABELS = ["a", "b", "a", "b"]


def features(values, **kinds):
    frame = pandas.DataFrame({"c": values, "y": LABELS})
    table = load_table(frame, "y", kinds=kinds or None)
    return table.columns[0].kind, table.features["c"].to_list()


@pytest.mark.parametrize(
    "values",
    [
        pandas.array([1, 2, None, 2], dtype="Int64"),
        pandas.array([1.0, 2.0, None, 2.0], dtype="Float64"),
        pandas.Categorical([1, 2, None, 2]),
        pandas.Categorical([1.0, 2.0, None, 2.0]),
        pandas.Categorical(["1", "2.0", None, "2"]),
        pandas.Series([1, "2", None, 2.0], dtype=object),
        pandas.array(["1", "2.0", None, "2"], dtype="string"),
    ],
    ids=["Int64", "Float64", "categories of int", "categories of float", "categories of text", "object", "string"],
)
def test_codes_are_one_level(values):
    assert features(values, c="category") == ("category", ["1", "2", None, "2"])


@pytest.mark.parametrize(
    "values",
    [
        [True, False, True, False],
        pandas.array([True, False, True, False], dtype="boolean"),
        pandas.Series([True, False, "true", "False"], dtype=object),
        pandas.Categorical([True, False, True, False]),
    ],
    ids=["bool", "boolean", "object", "categories"],
)
def test_truth_values_are_one_level(values):
    assert features(values) == ("category", ["true", "false", "true", "false"])


def test_declared_categories_are_categories_though_they_are_numbers():
    assert features(pandas.Categorical([1, 2, 1, 2])) == ("category", ["1", "2", "1", "2"])


def test_objects_may_be_written_numbers():
    assert features(pandas.Series(["1,5", "2,5", None, "3"], dtype=object)) == ("number", [1.5, 2.5, None, 3.0])


def test_dates_are_the_same_with_and_without_a_time_zone():
    moments = [datetime(2020, 5, 9, hour) for hour in range(4)]
    naive = features(pandas.to_datetime(moments))
    assert naive[0] == "date" and naive == features([f"{moment:%d.%m.%Y %H:%M}" for moment in moments])
    assert features(pandas.to_datetime(moments).tz_localize("UTC").tz_convert("Asia/Tokyo")) == naive
    assert features([moment.isoformat() + "Z" for moment in moments]) == naive
