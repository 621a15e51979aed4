"""The target of a table: which columns it is, and whether it names classes or holds numbers."""

import polars
import pytest
import torch

from axone.data.tables.files import TableContent
from axone.data.tables.target import choose_targets, encode_labels, encode_target
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
