"""Hints where a target of whole numbers can be read in two ways, and on classes of a single row."""

import polars
import pytest

from axone.data.tables.load import load_table
from axone.data.tables.targets.notes import describe_choice, describe_small_classes


def table_of(values, task="auto"):
    return load_table(polars.DataFrame({"x": [k % 7 for k in range(len(values))], "y": values}), "y", task=task)


def test_many_whole_numbers_may_name_classes():
    (note,) = describe_choice(table_of([k % 30 for k in range(300)]))
    assert "30 different whole numbers" in note and "--task classification" in note


def test_few_whole_numbers_may_be_numbers():
    (note,) = describe_choice(table_of([k % 9 for k in range(90)]))
    assert "9 different whole numbers" in note and "--task regression" in note


@pytest.mark.parametrize(
    "values", [[0, 1, 2] * 20, ["a", "b"] * 20, [k * 0.5 for k in range(60)], list(range(60))], ids=lambda v: str(v[:3])
)
def test_other_targets_need_no_hint(values):
    assert describe_choice(table_of(values)) == []


def test_classes_of_one_row_are_named():
    (note,) = describe_small_classes(table_of(["a", "b"] * 10 + ["rare"]))
    assert "1 class has a single row" in note and "'rare'" in note
    assert describe_small_classes(table_of(["a", "b"] * 10)) == []
