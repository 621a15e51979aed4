"""Labels as numbers: one class, several with a separator, several columns."""

from __future__ import annotations

import pytest

from axone.data.labeled_texts.labels import (
    choose_separator,
    encode_classes,
    encode_columns,
    encode_joined,
    sort_names,
)
from axone.errors import DataError


@pytest.mark.parametrize(
    ("values", "labels", "separator"),
    [
        (["a;b", "a", "b"], "auto", ";"),
        (["a|b", "a", "b"], "auto", "|"),
        (["a; or not", "c; or yes"], "auto", None),  # no part occurs twice: the cells are classes
        (["a;b", "a;c", "b;c"], "auto", None),  # as many parts as cells
        (["a;b", "a;c", "b;c", "a;b;c"], "auto", ";"),
        (["a;b", "a"], "one", None),
        (["a", "b"], "several", ";"),
        (["a|b"], "several", "|"),
    ],
)
def test_cells_with_several_labels_are_recognized(values, labels, separator):
    assert choose_separator(values, labels, None) == separator


def test_classes_have_an_order_and_numbers_come_by_size():
    assert encode_classes(["b", "a", "b"], None) == (("a", "b"), pytest.approx([1, 0, 1]))
    assert sort_names(["10", "9"]) == ["9", "10"]


def test_joined_labels_are_a_matrix_and_a_text_may_have_none():
    classes, targets = encode_joined(["a;b", "", " b "], ";", None)
    assert classes == ("a", "b") and targets.tolist() == [[1, 1], [0, 0], [0, 1]]


def test_columns_say_yes_or_no():
    classes, targets = encode_columns(["x", "y"], [["1", "0", "true"], ["no", "", "YES"]])
    assert classes == ("x", "y") and targets.tolist() == [[1, 0], [0, 0], [1, 1]]
    with pytest.raises(DataError, match="'maybe' in row 2") as error:
        encode_columns(["x"], [["1", "maybe"]])
    assert "--target x" in str(error.value.hint)


def test_known_classes_are_a_runs_own():
    assert encode_classes(["b"], ["a", "b"]).targets.tolist() == [1]
    with pytest.raises(DataError, match=r"does not know: c"):
        encode_classes(["c", "a"], ["a", "b"])
    assert encode_joined(["b"], ";", ["a", "b"]).targets.tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("values", "words"),
    [(["a", "a"], "same class, 'a'"), ([f"class {n}" for n in range(40)], "too many to be classes")],
)
def test_what_cannot_be_learned_is_refused(values, words):
    with pytest.raises(DataError, match=words):
        encode_classes(values, None)


def test_texts_without_any_label_are_refused():
    with pytest.raises(DataError, match="No text has a label"):
        encode_joined(["", ""], ";", None)
