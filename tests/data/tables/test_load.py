"""A table as a whole: what its target is, how its rows are split, and that it is known again."""

import numpy as np
import polars
import pytest
import torch

from axone.data.tables.load import hold_out, load_table
from axone.data.tables.sources import is_table
from axone.errors import DataError


def frame(rows=60, **columns):
    return polars.DataFrame({"a": np.arange(rows) % 11 + 0.5, "b": ["u", "v", "w"] * (rows // 3), **columns})


def test_targets_are_classes_or_numbers():
    words = load_table(frame(), "b")
    assert (words.task, words.classes) == ("classification", ("u", "v", "w"))
    assert words.targets.tolist() == [0, 1, 2] * 20
    few = load_table(frame(y=[10, 9, 8] * 20), "y")
    assert few.classes == ("8", "9", "10") and few.targets[:3].tolist() == [2, 1, 0]
    many = load_table(frame(y=np.arange(60) / 7), "y")
    assert many.task == "regression" and many.targets.dtype == torch.float64 and many.targets.shape == (60, 1)
    assert load_table(frame(y=[10, 9, 8] * 20), "y", task="regression").targets[:2].tolist() == [[10.0], [9.0]]


def test_several_targets_are_numbers():
    both = load_table(frame(y=np.arange(60) / 7, z=np.arange(60) % 7), "y, z")
    assert both.target == ("y", "z") and both.targets.shape == (60, 2)
    with pytest.raises(DataError, match="only be predicted as numbers"):
        load_table(frame(y=np.arange(60)), "y,b", task="classification")
    with pytest.raises(DataError, match="'b' is 'u' in row 1"):
        load_table(frame(y=np.arange(60)), "y,b")
    with pytest.raises(DataError, match="or one twice"):
        load_table(frame(), "a,a")


def test_too_many_classes_are_refused():
    with pytest.raises(DataError, match="too many to be classes"):
        load_table(frame(y=[f"k{n}" for n in range(60)]), "y")


def test_known_classes_keep_their_order():
    assert load_table(frame(), "b", classes=["w", "v", "u"]).targets[:3].tolist() == [2, 1, 0]
    with pytest.raises(DataError, match="does not know: w"):
        load_table(frame(), "b", classes=["u", "v"])


def test_the_last_column_of_an_array_is_its_target():
    table = load_table(np.array([[1.0, 2.0, 0.0], [3.0, 5.0, 1.0]] * 10))
    assert table.target == ("2",) and table.features.columns == ["0", "1"]


@pytest.mark.parametrize("target", ["a", "b"])
def test_held_out_targets_are_distributed_like_the_others(target):
    table = load_table(frame(), target)
    training, held_out = hold_out(table, torch.arange(60), 0.2, seed=3)
    assert sorted([*training.tolist(), *held_out.tolist()]) == list(range(60))
    assert all(
        torch.equal(one, two) for one, two in zip((training, held_out), hold_out(table, torch.arange(60), 0.2, seed=3))
    )
    if target == "b":
        assert table.targets[held_out].bincount().tolist() == [4, 4, 4]
    else:
        assert abs(float(table.targets[held_out].mean() - table.targets.mean())) < 1


def test_a_changed_value_changes_the_fingerprint():
    values = frame()
    whole = load_table(values, "b").fingerprint()
    assert load_table(values.clone(), "b").fingerprint() == whole
    assert load_table(values.with_columns(a=polars.col("a") + 1e-9), "b").fingerprint() != whole
    assert load_table(values.with_columns(b=polars.col("b").reverse()), "b").fingerprint() != whole


def test_tables_are_recognized_as_such():
    assert is_table("x.csv") and is_table("X.PARQUET") and is_table("iris") and is_table(np.zeros((2, 2)))
    assert not is_table("photos/") and not is_table("fashion-mnist")
    assert is_table(frame()) and load_table(frame(), "b").rows == 60


def test_where_nothing_is_predicted_a_target_is_left_out_and_kept_as_classes():
    frame = polars.DataFrame({"a": [1.0, 2.5, 3.0, 4.5], "kind": ["x", "y", "x", "y"], "size": [0.1, 0.2, 0.3, 0.4]})
    whole = load_table(frame, labeled=False)
    assert (whole.task, whole.target, whole.classes) == ("none", (), ())
    assert whole.features.columns == ["a", "kind", "size"] and whole.targets.tolist() == [0, 0, 0, 0]
    known = load_table(frame, "kind", labeled=False)
    assert known.features.columns == ["a", "size"] and known.classes == ("x", "y")
    assert known.targets.tolist() == [0, 1, 0, 1]
    numbers = load_table(frame, "size", labeled=False)
    assert numbers.features.columns == ["a", "kind"] and numbers.classes == () and not numbers.targets.any()
    assert load_table("iris", labeled=False).classes == ("setosa", "versicolor", "virginica")
    training, held_out = hold_out(whole, torch.arange(4), 0.25, 0)
    assert len(training) == 3 and len(held_out) == 1
