"""Delimited text: the shape is checked on bytes, and agrees with Python's own reader whatever the fields hold."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axone.data.tables import delimited
from axone.data.tables.delimited import check_shape, find_delimiter, read_delimited
from axone.errors import DataError

FIELD = st.text("ab ,;\"\n'\u00e9-1", max_size=6)


def written(rows, delimiter=",", end="\n"):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return stream.getvalue().encode()


@given(st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=60, deadline=None)
def test_files_written_by_python_are_read(tmp_path_factory, rows, end):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(written([("p", "q", "r"), *rows], end=end))
    table = read_delimited(path).frame.fill_null("")
    expected = [row for row in rows if any(row)]  # a line of nothing is no row
    assert [tuple(row) for row in table.rows() if any(row)] == expected


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1 << 24])
def test_the_check_does_not_depend_on_how_the_file_is_cut(monkeypatch, chunk):
    monkeypatch.setattr(delimited, "CHUNK", chunk)
    good = b'a,b\n1,"x\ny,z"\n\n3,4\r\n"""",5'
    check_shape(Path("good.csv"), good, ",")
    with pytest.raises(DataError, match=r"Line 5 of .* has 3 fields, the header has 2"):
        check_shape(Path("bad.csv"), b'a,b\n1,"x\ny"\n\n3,4,5\n6,7\n', ",")
    with pytest.raises(DataError, match="has 1 fields"):
        check_shape(Path("bad.csv"), b"a,b\n1,2\n3", ",")
    with pytest.raises(DataError, match="is not closed"):
        check_shape(Path("bad.csv"), b'a,b\n1,2\n3,"4\n', ",")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_divides_every_line_alike(delimiter):
    rows = [("a", "b", "c"), ("1,5", "x;y", "u|v"), ("2,5", "x", "u"), ("3", "x;y;z", "u")]
    assert find_delimiter(written(rows, delimiter)) == delimiter


def test_old_line_ends_and_names_that_are_missing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b",x\r1,2\r3,4\r")
    table = read_delimited(path)
    assert table.frame.columns == ["column 1", "x"] and table.frame.height == 2
    path.write_bytes(b"1,2\n3,4\n5,6\n")
    assert read_delimited(path).header_is_numbers
