"""Tables with a name can all be read; real ones are those of scikit-learn, points need more than a straight line."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from axone.data.datasets.tables import POINT_SETS, TABLES, read_named_table
from axone.data.tables.load import load_table
from sklearn import datasets


@pytest.mark.parametrize("name", TABLES)
def test_every_table_can_be_learned_from(name):
    table = load_table(name)
    assert (table.rows >= 150 and not table.notes and not table.dropped) or name == "digits"
    assert (table.task == "regression") == (name == "diabetes")


def test_real_tables_are_those_of_scikit_learn():
    loaded = datasets.load_breast_cancer()
    content, target = read_named_table("breast-cancer")
    assert (content.frame.drop(target).to_numpy() == loaded.data).all()
    assert content.frame[target].to_list() == [str(loaded.target_names[label]) for label in loaded.target]


@pytest.mark.parametrize("name", POINT_SETS)
def test_no_straight_line_separates_points_but_their_neighbors_do(name):
    table = load_table(name)
    points, labels = table.features.to_numpy(), table.targets.numpy()
    assert points.shape == (2000, 2) and len(table.classes) == 2
    assert LogisticRegression().fit(points, labels).score(points, labels) < 0.93
    assert KNeighborsClassifier(15).fit(points[:1000], labels[:1000]).score(points[1000:], labels[1000:]) > 0.93
