"""The class of each series."""

import polars
import pytest

from axone.data.series.labels import read_labels
from axone.data.series.layout import Layout
from axone.data.tables.files import TableContent
from axone.errors import DataError

LAYOUT = Layout("long", "id", "t", "kind", ("x",))
ROWS = {"one": [0, 1], "two": [2, 3]}


def read(kinds, task="auto", classes=()):
    frame = polars.DataFrame({"kind": kinds})
    return read_labels(TableContent(frame, "table", "a test"), LAYOUT, frame, ROWS, task, classes)


def test_classes_are_sorted_by_name_or_those_of_a_run():
    labels, classes = read(["b", "b", "a", "a"])
    assert labels.tolist() == [1, 0] and classes == ("a", "b")
    labels, classes = read(["b", "b", "a", "a"], classes=["b", "a", "c"])
    assert labels.tolist() == [0, 1] and classes == ("b", "a", "c")
    with pytest.raises(DataError, match="'b' does not occur in training"):
        read(["b", "b", "a", "a"], classes=["a", "c"])


def test_whole_numbers_are_classes_and_changing_ones_are_not():
    labels, classes = read([2.0, 2.0, 1.0, 1.0])
    assert labels.tolist() == [1, 0] and classes == ("1", "2")
    assert read([2.0, 2.5, 1.0, 1.0]) == (None, ()) and read(["a", "a", "b", "b"], task="forecast") == (None, ())
