"""Rows that are asked about: those of one file are read together, and each error and note stays with its row."""

import warnings

import polars
import pytest

from axone.errors import DataError, DataNote
from axone.tasks.tables.inputs import read_rows
from axone.tasks.tables.known_rows import read_known_rows

FACTS = {
    "columns": [
        {"name": "income", "kind": "number", "notation": {}, "missing": False},
        {"name": "age", "kind": "number", "notation": {}, "missing": True},
    ],
    "targets": [{"name": "band"}],
    "not_used": [],
    "missing_words": None,
}
NAMES = ["income", "age"]


def read(source):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        rows = read_known_rows(read_rows(source, NAMES)[0], FACTS)
    assert all(issubclass(warning.category, DataNote) for warning in caught)
    return rows, [str(warning.message) for warning in caught]


def test_the_rows_of_a_file_decide_together_how_its_numbers_are_written(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("income;age\n1.293;40\n8.622,50;41\n")
    rows, notes = read(path)
    assert rows.frame["income"].to_list() == [1293.0, 8622.5] and notes == []


def test_an_error_names_file_row_and_line(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("A title\n\nincome,age,more\n5,40,x\nfive,41,y\n,42,z\n")
    rows, notes = read(path)
    assert rows.frame["income"].to_list() == [5.0, None]
    assert "new.csv, row 2 (line 5): 'income' is 'five'" in str(rows.errors[1])
    assert rows.merge(["a", "b"]) == ["a", rows.errors[1], "b"] and "missing, unlike in training" in rows.notes[1]
    assert len([note for note in notes if "'more'" in note]) == 1 and any("A title" in note for note in notes)


def test_a_file_without_a_column_is_one_error(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("age\n40\n41\n")
    with pytest.raises(DataError, match=r"'new.csv' has no column 'income'"):
        read(path)


def test_typed_rows_may_have_different_columns():
    rows, notes = read([{"income": 5}, {"age": 40}, "income=7,age=4,shop=A"])
    assert rows.frame.rows() == [(5.0, None), (7.0, 4.0)]
    assert "row 2: The row has no column 'income'" in str(rows.errors[1])
    assert "no column 'age': its values count as missing" in notes[0] and "'shop'" in notes[1]
    (error,) = read({"income": "five"})[0].errors
    assert str(error).startswith("'income' is 'five'")


def test_a_part_of_the_rows_of_a_frame():
    listed, _single = read_rows(polars.DataFrame({"income": ["1", "x", "3"], "age": [1, 2, 3]}), NAMES)
    rows = read_known_rows(listed[1:], FACTS)
    assert rows.frame["income"].to_list() == [3.0] and rows.errors[0] is not None
    assert read_known_rows([], FACTS).frame.height == 0
