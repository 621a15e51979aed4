"""A table as a whole: what its target is, how its rows are split, and that it is known again."""

import numpy as np
import polars
import pytest
import torch

from axone.data.tables.columns import fit_columns
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


def facts_of(table):
    targets = [
        {"name": column.name, "kind": column.kind, "notation": dict(column.notation)} for column in table.target_columns
    ]
    return {
        "columns": fit_columns(table, torch.arange(table.rows)),
        "targets": targets if table.task == "regression" else [{"name": name} for name in table.target],
        "not_used": [column.name for column in table.dropped],
        "missing_words": None,
    }


def test_a_column_that_counts_the_rows_is_not_used_and_said():
    values = frame().with_row_index("Unnamed: 0").with_columns(polars.col("Unnamed: 0").cast(polars.String))
    table = load_table(values, "b")
    assert [column.name for column in table.dropped] == ["Unnamed: 0"]
    assert any("counts the rows" in note and "'Unnamed: 0=number'" in note for note in table.notes)
    assert load_table(values, "b", kinds={"Unnamed: 0": "number"}).features.columns[0] == "Unnamed: 0"


def test_a_table_of_a_run_is_read_as_in_training_and_all_differences_are_said():
    training = polars.DataFrame({"x": ["1.5", "2.5", "1000.25", ""] * 5, "w": ["u", "v"] * 10, "y": ["p", "q"] * 10})
    facts = facts_of(load_table(training, "y"))
    other = polars.DataFrame({"y": ["q", "p"], "w": ["v", "z"], "x": ["$1,000.25", "high"], "more": [1, 2]})
    table = load_table(other, "y", known=facts, classes=("p", "q"))
    assert table.features.columns == ["x", "w"] and table.features["x"].to_list() == [1000.25, None]
    text = "\n".join(table.notes)
    assert "ignored: 'more'" in text and "'high'" in text and "w = z" in text and table.targets.tolist() == [1, 0]
    without_gaps = facts_of(load_table(training.filter(polars.col("x") != ""), "y"))
    with pytest.raises(DataError, match=r"1 row of 'table' cannot be used. First row 2: 'x' is 'high'"):
        load_table(other, "y", known=without_gaps, classes=("p", "q"))


def test_the_target_of_a_run_is_read_as_in_training():
    rents = ["1,293", "440", "2,600", *(f"{500 + 31 * k:,}" for k in range(30))] * 2
    training = polars.DataFrame({"x": [k % 7 for k in range(len(rents))], "rent": rents})
    table = load_table(training, "rent")
    assert table.targets[0].item() == 1293 and any("'1,293' is read as 1293" in note for note in table.notes)
    again = load_table(training.head(3), "rent", task="regression", known=facts_of(table))
    assert again.targets[:, 0].tolist() == [1293, 440, 2600]


def test_truth_values_are_the_same_classes_in_every_format():
    values = {"x": [k % 7 for k in range(20)]}
    from_text = load_table(polars.DataFrame({**values, "y": ["True", "False"] * 10}), "y")
    typed = polars.DataFrame({**values, "y": [True, False] * 10})
    assert from_text.classes == load_table(typed, "y").classes == ("false", "true")
    again = load_table(typed, "y", known=facts_of(from_text), classes=from_text.classes)
    assert torch.equal(again.targets, from_text.targets)


def test_labels_are_not_needed_where_nothing_is_predicted():
    facts = facts_of(load_table(frame(), "b", labeled=False))
    table = load_table(frame().drop("b"), "b", labeled=False, known=facts)
    assert table.target == () and table.rows == 60
