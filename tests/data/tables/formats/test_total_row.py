"""A last row is a total when it says so, or when it has no name and holds the sums; otherwise it is a row."""

import polars
import pytest

from axone.data.tables.formats.total_row import count_total_rows, is_total_row

KEYS, NUMBERS = ["A", "B", "C"], ["1", "3", "5.5"]


@pytest.mark.parametrize(
    ("key", "number"),
    [("Total", "9.5"), ("total:", "1,234"), ("Somme", "9"), ("Gesamt", "$9"), (None, "9.5"), ("SUM", "9.50")],
)
def test_totals(key, number):
    assert is_total_row(polars.DataFrame({"k": [*KEYS, key], "n": [*NUMBERS, number]}))


@pytest.mark.parametrize(
    ("key", "number"), [("D", "9.5"), (None, "9"), (None, None), ("Total", "high"), ("Total", None), ("Totals", "x1")]
)
def test_rows(key, number):
    assert not is_total_row(polars.DataFrame({"k": [*KEYS, key], "n": [*NUMBERS, number]}))


def test_a_word_that_other_rows_have_is_a_value():
    assert not is_total_row(polars.DataFrame({"k": ["total", "part", "total"], "n": ["1", "2", "3"]}))
    assert not is_total_row(polars.DataFrame({"k": ["a", None, None], "n": ["1", "2", "3"]}))


def test_several_totals_are_counted():
    frame = polars.DataFrame({"k": [*KEYS, "Total", "Mean"], "n": [*NUMBERS, "9.5", "3.2"]})
    assert count_total_rows(frame) == 2 and count_total_rows(frame.head(3)) == 0
