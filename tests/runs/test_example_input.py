"""The example of an input that a run prints: a typical row of a small table, FILE for everything else."""

import pytest

from axone.runs.example_input import example_input

AGE = {"name": "age", "kind": "number", "center": 37.25}
COLOR = {"name": "the color", "kind": "category", "levels": ["dark red", "blue"]}
DAY = {"name": "day", "kind": "date", "center": 18262.5}


@pytest.mark.parametrize(
    ("facts", "typed"),
    [
        ({"columns": [AGE, COLOR, DAY]}, "age=37.2,the color=dark red,day=2020-01-01"),
        ({"columns": ["age", "weight"], "mean": [29.26, 1062.18]}, "age=29.3,weight=1062"),
        ({"columns": [{**AGE, "center": 0.001234}]}, "age=0.00123"),
        ({"columns": [{**AGE, "center": 0}]}, "age=0"),
        ({"columns": [{**AGE, "center": -12345678.0}]}, "age=-12345678"),
        ({"task": "game", "example": "e5"}, "e5"),
    ],
)
def test_a_row_of_a_small_table_can_be_typed(facts, typed):
    assert example_input(facts) == typed


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"columns": []},
        {"task": "game", "example": "; rm"},
        {"columns": 3},
        {"columns": ["age", "weight"]},
        {"columns": [{"name": "x" * 100, "kind": "number", "center": 1.0}]},
        {"columns": [{**AGE, "center": "1"}]},
        {"columns": [{**AGE, "name": "a,b"}]},
        {"columns": [{**AGE, "name": "a=b"}]},
        {"columns": [{**COLOR, "levels": []}]},
        {"columns": [{**COLOR, "levels": ["red, dark"]}]},
        {"columns": [{**DAY, "center": 1e12}]},
        {"columns": [{**DAY, "center": None}]},
        {"columns": [{"name": None}]},
    ],
)
def test_what_cannot_be_typed_is_a_file(facts):
    assert example_input(facts) == "FILE"


def test_a_first_observation_can_be_typed():
    assert example_input({"task": "control", "example": [0.0273, -1, 2.5e-05]}) == "0.0273,-1,2.5e-05"
    assert example_input({"task": "control", "example": []}) == "FILE"
    assert example_input({"task": "control", "example": [0.1, "; rm"]}) == "FILE"
