"""Every known table can be read, and is what its publisher says."""

import pytest

from axone.data.datasets.tables import POINT_SETS, TABLES, read_named_table
from axone.data.tables.load import load_table
from sklearn import datasets


@pytest.mark.parametrize("name", TABLES)
def test_it_can_be_learned_from(name):
    table = load_table(name)
    assert (table.rows >= 150 and not table.notes and not table.dropped) or name == "digits"
    assert (table.task == "regression") == (name == "diabetes")


def test_they_are_those_of_scikit_learn():
    loaded = datasets.load_breast_cancer()
    content, target = read_named_table("breast-cancer")
    assert (content.frame.drop(target).to_numpy() == loaded.data).all()
    assert content.frame[target].to_list() == [str(loaded.target_names[place]) for place in loaded.target]


def test_the_points_are_drawn():
    assert POINT_SETS == ("moons", "circles", "spirals")
