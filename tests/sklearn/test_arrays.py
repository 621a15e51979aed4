"""Arrays as tables."""

import numpy as np

from axone.sklearn.arrays import TARGET, table_from_array

X = np.arange(12.0).reshape(4, 3)


def test_columns_are_named_by_number():
    table = table_from_array(X)
    assert table.features.columns == ["0", "1", "2"] and [column.kind for column in table.columns] == ["number"] * 3
    np.testing.assert_array_equal(table.features.to_numpy(), X)
    assert (table.task, table.target, table.classes) == ("none", (), ())


def test_labels_become_the_target():
    table = table_from_array(X, np.array([0, 1, 1, 0]), ("no", "yes"))
    assert (table.task, table.target, table.classes) == ("classification", (TARGET,), ("no", "yes"))
    assert table.targets.tolist() == [0, 1, 1, 0]
