"""The rows of each series in the order of time."""

import polars

from axone.data.series.layout import Layout
from axone.data.series.order import order_rows
from axone.data.tables.files import TableContent


def test_rows_are_grouped_by_name_and_sorted_by_time():
    frame = polars.DataFrame({"id": ["b", "a", "b", "a"], "t": [2.0, 1.0, 1.0, 0.0], "x": [1.0, 2.0, 3.0, 4.0]})
    content = TableContent(frame, "table", "a test")
    rows, notes = order_rows(content, Layout("long", "id", "t", "", ("x",)), frame)
    assert rows == {"b": [2, 0], "a": [3, 1]} and len(notes) == 1
    assert order_rows(content, Layout("long", "", "", "", ("x",)), frame) == ({"table": [0, 1, 2, 3]}, [])
