"""JSON lines: values keep their types, errors name the line."""

from pathlib import Path

import pytest

from axone.data.tables.formats.json_lines import read_json_lines
from axone.errors import DataError

FILE = Path("a.jsonl")


def test_types_and_missing_keys():
    frame = read_json_lines(FILE, b'{"a": 1, "b": "x"}\n{"a": 2.5, "b": null, "c": true}\n')
    assert frame.rows() == [(1.0, "x", None), (2.5, None, True)]


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b'{"a": 1}\n{"a":\n', "Line 2 of .* is not JSON"),
        (b'{"a": 1}\n\n[1]\n', "Line 3 of .* is not a JSON object"),
        (b'{"a": [1]}\n', "more than one value per row: a"),
        (b"", "is empty"),
    ],
)
def test_errors_name_the_line(data, match):
    with pytest.raises(DataError, match=match):
        read_json_lines(FILE, data)
