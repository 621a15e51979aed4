"""Data handed over in Python wait where the experiment is built, and nowhere else."""

from pathlib import Path

import pytest

from axone.data.in_memory import HANDED, handing_over, hands_over, take
from axone.errors import DataError


def test_names_stay_names():
    for given in ({}, {"data": "a.csv"}, {"data": Path("a.csv")}):
        with handing_over(given) as told:
            assert told == {name: str(value) for name, value in given.items()}
    assert take("a.csv") == "a.csv" and take([1]) == [1]


def test_data_can_be_taken_inside_only():
    rows = [{"a": 1}]

    @hands_over
    def train(*, data, epochs):
        return data, take(data), epochs

    assert train(data=rows, epochs=3) == (HANDED, rows, 3)
    with pytest.raises(DataError, match="hand them over again"):
        take(HANDED)
