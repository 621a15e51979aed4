"""A first column without a name that counts the rows is found; columns with a name of their own are kept."""

import polars
import pytest

from axone.data.tables.row_numbers import find_row_numbers


@pytest.mark.parametrize(
    ("name", "values", "is_numbering"),
    [
        ("column 1", ["0", "1", "2"], True),
        ("column 1", ["17", "3", "9"], True),  # of shuffled rows
        ("Unnamed: 0", [1, 2, 3], True),
        ("index", [0, 1, 2], True),
        ("index", [3, 1, 2], False),
        ("column 1", ["1", "1", "2"], False),
        ("column 1", ["a", "b", "c"], False),
        ("column 1", [0.5, 1.5, 2.5], False),
        ("age", [1, 2, 3], False),
    ],
)
def test_row_numbers(name, values, is_numbering):
    frame = polars.DataFrame({name: values, "x": [1, 2, 3]})
    assert find_row_numbers(frame) == (name if is_numbering else None)
    assert find_row_numbers(frame.select("x", name)) is None
