from __future__ import annotations

import pytest

from axone.runs.report.format import as_dict, format_cell, format_date, format_shape, join_html, label_key


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (1234567, "1,234,567"),
        ([1, "a", None], "1, a, "),
        ({"batch_size": 32, "deep": [1]}, "batch size: 32, deep: 1"),
        ("\x1b[31mred", "red"),
        ([0] * 300, ", ".join(["0"] * 200 + ["…"])),
    ],
)
def test_any_value_becomes_the_text_of_a_cell(value, text):
    assert format_cell(value) == text


@pytest.mark.parametrize(
    ("shape", "text"),
    [([32, 26, 26], "(32, 26, 26)"), ([[1, 2], [3]], "(1, 2), (3)"), ([None, 5], "(?, 5)"), ("x", "x"), (None, "")],
)
def test_shapes_are_written_as_pytorch_does(shape, text):
    assert format_shape(shape) == text


def test_dates_of_any_size_are_no_error():
    assert format_date(0).startswith(("1970-01-01", "1969-12-31")) and format_date(1e300) == "?"


def test_keys_become_words_and_other_values_empty_dictionaries():
    assert label_key(" samples_per_second ") == "samples per second" and label_key("") == ""
    assert as_dict([1]) == {} and as_dict({"a": 1}) == {"a": 1}
    assert join_html(["a", "", "b"]) == "a\nb"
