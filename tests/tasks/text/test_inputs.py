"""What can be asked about: texts, files, folders, tables, rows."""

from __future__ import annotations

from pathlib import Path

import polars
import pytest

from axone.errors import DataError
from axone.tasks.text.inputs import find_column, read_item, read_text_inputs

FACTS = {"text": "review", "target": ["kind"]}


def texts(source):
    listed, single = read_text_inputs(source, FACTS)
    return [read_item(item, FACTS) for item in listed], single


def test_a_text_is_itself():
    assert texts("a wonderful film") == (["a wonderful film"], True)
    assert texts("x" * 10_000)[0] == ["x" * 10_000] and texts("with a \0 in it")[1]
    assert texts(["one", "two"]) == (["one", "two"], False)


def test_files_folders_and_tables(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "a.txt").write_bytes("h\u00e9".encode("latin-1"))
    (tmp_path / "in" / "b.txt").write_text("two\n")
    polars.DataFrame({"review": ["x", "y"], "kind": ["a", "b"]}).write_csv(tmp_path / "t.csv")
    assert texts(tmp_path / "a.txt") == (["h\u00e9"], True) == texts(str(tmp_path / "a.txt"))
    assert texts(str(tmp_path / "t.csv")) == (["x", "y"], False)
    (tmp_path / "t.csv").unlink()
    assert texts(tmp_path) == (["h\u00e9", "two\n"], False)
    assert texts([Path(tmp_path / "a.txt"), "a"])[0] == ["h\u00e9", "a"]


def test_rows_have_the_column_of_the_training_or_a_single_one():
    assert texts({"review": "x", "other": 1}) == (["x"], True) and texts({"words": "x", "kind": "a"}) == (["x"], True)
    assert texts(polars.DataFrame({"review": ["x"]})) == (["x"], False)
    with pytest.raises(DataError, match="no column 'review'"):
        find_column({"one": "x", "two": "y"}, FACTS)


@pytest.mark.parametrize("item", ["", "  \n", {"review": None}])
def test_an_empty_text_is_an_error(item):
    with pytest.raises(DataError, match="empty"):
        read_item(item, FACTS)


@pytest.mark.parametrize("source", [5, [1, 2]])
def test_other_things_are_no_texts(source):
    with pytest.raises(DataError, match="is not a text"):
        read_text_inputs(source, FACTS)
