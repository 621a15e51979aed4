"""Delimited text: the shape is checked on bytes, and agrees with Python's own reader whatever the fields hold."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axone.data.tables.formats import delimited
from axone.data.tables.formats.delimited import check_shape, read_delimited
from axone.errors import DataError

FIELD = st.text("ab ,;\"\n'\u00e9-1", max_size=6)
FILE = Path("a.csv")


def written(rows, delimiter=",", end="\n"):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return stream.getvalue().encode()


@given(st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=60, deadline=None)
def test_files_written_by_python_are_read(rows, end):
    data = written([("p", "q", "r"), *rows], end=end)
    table = read_delimited(FILE, data)
    expected = [row for row in rows if any(row)]  # a line of nothing is no row
    read = [(tuple(row), line) for row, line in zip(table.frame.fill_null("").rows(), table.lines) if any(row)]
    assert [row for row, _line in read] == expected
    for row, line in read:  # the line of a row begins with its first field
        first = data.decode().replace(end, "\n").split("\n")[line - 1]
        assert first.startswith('"' + row[0].replace('"', '""').split("\n")[0])


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1 << 24])
def test_the_check_does_not_depend_on_how_the_file_is_cut(monkeypatch, chunk):
    monkeypatch.setattr(delimited, "CHUNK", chunk)
    good = b'a,b\n1,"x\ny,z"\n\n3,4\r\n"""",5'
    assert check_shape(FILE, good, ",", 2).tolist() == [1, 2, 4, 5, 6]
    assert check_shape(FILE, good, ",", 2, begin=4).tolist() == [2, 4, 5, 6]
    with pytest.raises(DataError, match=r"Line 5 of .* has 3 fields, the header has 2"):
        check_shape(FILE, b'a,b\n1,"x\ny"\n\n3,4,5\n6,7\n', ",", 2)
    with pytest.raises(DataError, match=r"Line 3 of .* has 1 fields"):
        check_shape(FILE, b"a,b\n1,2\n3", ",", 2)
    with pytest.raises(DataError, match="is not closed"):
        check_shape(FILE, b'a,b\n1,2\n3,"4\n', ",", 2)


def test_old_line_ends_and_names_that_are_missing():
    table = read_delimited(FILE, b",x\r1,2\r3,4\r")
    assert table.frame.columns == ["column 1", "x"] and table.frame.height == 2
    assert "numbers only" in read_delimited(FILE, b"1,2\n3,4\n5,6\n").notes[0]


def test_a_delimiter_at_the_end_of_every_line_makes_no_column():
    for data in (b"a,b,\n1,2,\n3,4,\n", b"a,b\n1,2,\n3,4,\n5,6,\n"):
        assert read_delimited(FILE, data).frame.columns == ["a", "b"]


def test_row_names_without_a_name_in_the_header_are_a_column_as_r_writes_them():
    table = read_delimited(FILE, b'"a","b"\n"1",5,6\n"2",7,8\n')
    assert table.frame.columns == ["column 1", "a", "b"] and table.frame["a"].to_list() == ["5", "7"]


@pytest.mark.parametrize(
    ("data", "rows", "lines"),
    [
        (b'a, b\n1, "x,y"\n2, "z"\n', [("1", "x,y"), ("2", "z")], [2, 3]),
        (b'a,b\n5" pipe,3\n6" pipe,4\n', [('5" pipe', "3"), ('6" pipe', "4")], [2, 3]),
        (b'a,b\n"x ""y"" z",2\n', [('x "y" z', "2")], [2]),
    ],
)
def test_quotes_after_spaces_and_within_fields(data, rows, lines):
    table = read_delimited(FILE, data)
    assert table.frame.rows() == rows and table.lines.tolist() == lines


def test_lines_are_counted_as_an_editor_does():
    above = b'Title of\n\na,b\n"x\ny",2\n\nz,3\n'
    assert read_delimited(FILE, above).lines.tolist() == [4, 7]
    with pytest.raises(DataError, match=r"Line 8 of .* has 3 fields"):
        read_delimited(FILE, above + b"q,4,5\n")


def test_a_very_long_field_and_many_columns():
    table = read_delimited(FILE, b'a,b\n"' + b"x" * 300_000 + b'",2\ny,3\n')
    assert len(table.frame["a"][0]) == 300_000
    header = ",".join(f"c{k}" for k in range(10_000))
    assert read_delimited(FILE, (header + "\n" + ",".join(["1"] * 10_000) + "\n").encode()).frame.width == 10_000


def test_a_total_and_a_source_after_the_rows_are_left_out_and_named():
    table = read_delimited(FILE, b"city,n\nA,1\nB,3\nC,5\nTotal,9\nSource: a census\n")
    assert table.frame["city"].to_list() == ["A", "B", "C"]
    assert ["Line 6" in note or "line 5" in note for note in table.notes] == [True, True]
