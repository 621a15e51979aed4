"""Every form of input becomes the same rows."""

import numpy as np
import polars
import pytest
import torch

from axone.errors import DataError
from axone.tasks.tables.inputs import read_rows

COLUMNS = ["age", "weight"]
ONE = {"age": 35, "weight": 70}
TWO = [ONE, {"age": 8, "weight": 26}]


@pytest.mark.parametrize("source", [ONE, (35, 70), np.array([35, 70]), torch.tensor([35, 70])], ids=type)
def test_a_single_row(source):
    assert read_rows(source, COLUMNS) == ([ONE], True)


@pytest.mark.parametrize(
    "source",
    [
        TWO,
        [[35, 70], [8, 26]],
        {"age": [35, 8], "weight": (70, 26)},
        np.array([[35, 70], [8, 26]]),
        polars.DataFrame(TWO),
        [ONE, np.array([8, 26])],
    ],
    ids=["rows", "lists", "columns", "array", "frame", "mixture"],
)
def test_several_rows_may_have_any_of_these_forms(source):
    assert read_rows(source, COLUMNS) == (TWO, False)


def test_values_of_a_typed_row_stay_text():
    assert read_rows("age=35, weight = 70 kg", COLUMNS) == ([{"age": "35", "weight": "70 kg"}], True)
    assert read_rows("note=a=b", COLUMNS) == ([{"note": "a=b"}], True)


def test_a_file_gives_its_rows(tmp_path):
    file = tmp_path / "x=1.csv"  # a name that looks like a typed row
    file.write_text("age,weight\n35,70\n8,26\n")
    rows, one = read_rows(str(file), COLUMNS)
    assert [{name: float(value) for name, value in row.items()} for row in rows] == TWO and not one
    assert read_rows([file, "age=1"], COLUMNS)[0][2:] == [{"age": "1"}]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.csv", "no file"),
        ("what is this", "no file|no table"),
        ([1, 2, 3], "3 values"),
        (np.zeros((2, 2, 2)), "3 axes is not a table"),
        ({"age": [1, 2], "weight": [1]}, "differ in length"),
        (7, "not a table"),
    ],
    ids=str,
)
def test_other_inputs_are_refused(source, message):
    with pytest.raises(DataError, match=message):
        read_rows(source, COLUMNS)
