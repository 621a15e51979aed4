"""How each column of a table would be read, with an example."""

from datetime import datetime

import polars

from axone.data.tables.column_readings import read_columns
from axone.data.tables.files import read_content


def read(columns, kinds=None):
    return {reading.name: reading for reading in read_columns(read_content(columns), kinds or {})}


def test_an_example_is_shown_as_written_and_as_read():
    readings = read(
        {
            "rent": ["$1,234.50", "$7", None],
            "day": ["25.12.2020", "26.12.2020", ""],
            "hour": ["12:30", "13:00", "14:00"],
            "code": ["1.0", "2", "x"],
            "empty": [None, None, None],
        }
    )
    assert {name: (reading.kind, reading.text, reading.value) for name, reading in readings.items()} == {
        "rent": ("number", "$1,234.50", "1234.5"),
        "day": ("date", "25.12.2020", "2020-12-25"),
        "hour": ("date", "12:30", "12:30:00"),
        "code": ("category", "1.0", "1"),
        "empty": ("drop", "", ""),
    }
    assert (readings["rent"].distinct, readings["rent"].missing) == (2, 1)


def test_kinds_may_be_prescribed():
    assert read({"a": ["1,234", "2,345"]}, {"a": "number:1.234,56"})["a"].value == "1.234"
    assert read({"a": [1, 2]}, {"a": "category"})["a"].kind == "category"
    assert read(polars.DataFrame({"a": [datetime(2020, 5, 9, 10), None]}))["a"].value == "2020-05-09 10:00:00"
