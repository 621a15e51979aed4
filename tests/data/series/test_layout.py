"""How the columns of a table hold series."""

from __future__ import annotations

import polars
import pytest

from axone.data.series.layout import Layout, find_layout
from axone.data.tables.files import TableContent


def content(**columns):
    return TableContent(polars.DataFrame(columns), "table", "a test")


@pytest.mark.parametrize("pattern", ["x{}", "x_{}", "x.{}", "x-{}", "x[{}]", "x ({})", "{}"])
def test_numbered_columns_in_many_spellings(pattern):
    names = [pattern.format(step) for step in range(12)]
    layout = find_layout(content(**{name: [1.0, 2.0] for name in names}), names)
    assert layout.form == "wide" and layout.values == tuple(names)
    assert layout.channels == (("value",) if pattern == "{}" else ("x",))


def test_numbered_channels_with_a_time_are_a_long_table():
    names = [f"sensor_{number}" for number in range(12)]
    columns = {"time": [0, 1, 2], **{name: [1.0, 2.0, 3.0] for name in names}}
    layout = find_layout(content(**columns), [*names, "time"])
    assert layout.form == "long" and layout.time == "time" and layout.channels == tuple(names)


def test_a_name_that_occurs_once_names_no_series():
    layout = find_layout(content(id=[1, 2, 3, 4], x=[1.0, 2, 3, 4]), ["x"])
    assert layout.series == "" and layout.channels == ("x",)


def test_json_and_back():
    layout = Layout("wide", "name", "", "kind", ("x",), (("x1",), ("x2",)))
    assert Layout.from_json(layout.to_json()) == layout and layout.columns == ("name", "kind", "x1", "x2")
