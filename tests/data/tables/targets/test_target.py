"""The target of a table: which columns it is, and whether it names classes or holds numbers."""

import polars
import pytest
import torch

from axone.data.tables.files import TableContent
from axone.data.tables.load import load_table
from axone.data.tables.targets.target import choose_targets, encode_labels, encode_target
from axone.data.tables.values.infer import infer_columns
from axone.errors import DataError


def content(**columns):
    return TableContent(polars.DataFrame(columns), "t", "from Python")


def encode(values, task="auto", known=None):
    frame = polars.DataFrame({"y": values})
    return encode_target(content(y=values), [frame["y"]], infer_columns(frame, {}), task, known)


def test_a_target_is_one_name_several_or_the_last_column_of_an_array():
    table = content(**{"a": [1], "b": [2], "a,b": [3]})
    assert choose_targets(table, "a,b") == ["a,b"] and choose_targets(table, "a, b") == ["a", "b"]
    assert choose_targets(table, ["b"]) == ["b"]
    assert choose_targets(content(**{"0": [1], "1": [2]}), None) == ["1"]
    with pytest.raises(DataError, match="Which column"):
        choose_targets(table, None)
    with pytest.raises(DataError, match="no column 'c'"):
        choose_targets(table, "c")
    with pytest.raises(DataError, match="one twice"):
        choose_targets(table, "a, a")


def test_words_and_few_whole_numbers_are_classes():
    assert encode(["b", "a", "b"])[:2] == ("classification", ("a", "b"))
    task, classes, codes = encode([10, 9, 10, 9])
    assert (task, classes, codes.tolist()) == ("classification", ("9", "10"), [1, 0, 1, 0])
    assert encode([0.5, 1.5, 2.0])[0] == "regression" and encode(list(range(50)))[0] == "regression"


def test_a_task_that_is_set_decides():
    task, classes, numbers = encode([1, 2, 1], task="regression")
    assert (task, classes) == ("regression", ()) and numbers.dtype == torch.float64 and numbers.shape == (3, 1)
    with pytest.raises(DataError, match="row 2, which is not a number"):
        encode(["1", "two", "3"], task="regression")


def test_classes_of_a_run_keep_their_order_and_no_other_is_accepted():
    assert encode(["b", "b"], known=("b", "a"))[2].tolist() == [0, 0]
    with pytest.raises(DataError, match="does not know: c"):
        encode(["a", "c"], known=("a", "b"))


def test_a_constant_target_teaches_nothing():
    with pytest.raises(DataError, match="same in every row"):
        encode(["a", "a"])


def test_a_left_out_column_gives_classes_where_it_names_some():
    names = polars.Series("kind", ["x", "y", "x"])
    assert encode_labels([names], 3, None)[0] == ("x", "y")
    assert encode_labels([polars.Series("size", [0.1, 0.2, 0.3])], 3, None)[0] == ()
    assert encode_labels([], 3, None)[1].tolist() == [0, 0, 0]


def test_a_target_of_numbers_is_read_as_any_column_and_errors_leave_out_their_rows():
    rent = [f"${1000 + 7 * row:,}.50" for row in range(29)]
    table = load_table({"area": list(range(30)), "rent": [*rent, "oops"]}, "rent")
    assert table.task == "regression" and table.targets[:, 0].tolist() == [1000.5 + 7 * row for row in range(29)]
    assert table.features.height == 29 and any("'oops'" in note for note in table.notes)


def test_what_is_prescribed_for_a_target_decides_its_task_and_its_notation():
    rows = {"a": list(range(20)), "y": ["1", "2"] * 10}
    assert load_table(rows, "y").task == "classification"
    assert load_table(rows, "y", kinds={"y": "number"}).task == "regression"
    assert (
        load_table({"a": list(range(20)), "y": list(range(0, 60, 3))}, "y", kinds={"y": "category"}).classes[0] == "0"
    )
    rows["y"] = ["1,234", "2,345"] * 10
    assert load_table(rows, "y", kinds={"y": "number:1.234,56"}).targets[0, 0] == 1.234


@pytest.mark.parametrize("labels", [[True, False], ["true", "FALSE"], [1, 0], ["1.0", "0"], ["True", "no"]])
def test_classes_do_not_depend_on_the_format(labels):
    rows = {"a": list(range(20)), "y": labels * 10}
    table = load_table(rows, "y", classes=("false", "true"))
    assert table.targets[:2].tolist() == [1, 0]


def test_truth_values_and_codes_are_classes_of_one_spelling():
    assert load_table({"a": list(range(20)), "y": ["True", "false", "TRUE", "0"] * 5}, "y").classes == ("false", "true")
    codes = load_table({"a": list(range(20)), "y": ["01067", "80331"] * 10}, "y").classes
    assert codes == ("01067", "80331")
    assert load_table({"a": list(range(20)), "y": [1067, 80331] * 10}, "y", classes=codes).targets[:2].tolist() == [
        0,
        1,
    ]
