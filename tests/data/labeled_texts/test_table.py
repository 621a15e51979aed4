"""Texts of tables: the column of the texts is found or named, missing cells are counted."""

from __future__ import annotations

import polars
import pytest

from axone.data.labeled_texts.table import find_text_column, read_text_table
from axone.data.tables.files import TableContent, read_content
from axone.errors import DataError

FRAME = {
    "id": [1, 2, 3, 4],
    "title": ["Short", "Tiny", "Small", "Little"],
    "review": ["a wonderful long text", "a dreadful long text", "wonderful, really wonderful", "dreadful"],
    "kind": ["good", "bad", "good", "bad"],
}


def content(**columns):
    return TableContent(polars.DataFrame({**FRAME, **columns}), "reviews", "from a test")


def test_the_longest_column_of_words_is_the_text():
    texts = read_text_table(content(), "kind")
    assert texts.column == "review" and texts.target == ("kind",) and list(texts.texts) == FRAME["review"]
    assert texts.classes == ("bad", "good") and texts.targets.tolist() == [1, 0, 1, 0]
    assert any("'review'" in note for note in texts.notes)


def test_a_column_can_be_named_and_similar_ones_are_mentioned():
    assert read_text_table(content(), "kind", text="title").texts[0] == "Short"
    _column, (note,) = find_text_column(content(summary=["a long summary of it"] * 4), ["kind"])
    assert "summary" in note and "--text" in note


def test_numbers_are_no_texts():
    with pytest.raises(DataError, match="no column of texts"):
        read_text_table(TableContent(polars.DataFrame({"x": [1.5, 2.5], "y": ["a", "b"]}), "t", ""), "y")


@pytest.mark.parametrize(
    ("target", "text", "words"),
    [
        ("kimd", "", "Did you mean 'kind'"),
        ("kind", "reviw", "Did you mean 'review'"),
        ("kind", "kind", "both the text and the target"),
        (None, "", "Which column"),
    ],
)
def test_wrong_names_of_columns_are_explained(target, text, words):
    with pytest.raises(DataError, match=words):
        read_text_table(content(), target, text=text)


def test_missing_texts_and_labels_are_left_out_and_counted():
    texts = read_text_table(
        content(review=["a", None, "  ", "d"], kind=["good", "bad", "bad", "bad"]), "kind", text="review"
    )  # fmt: skip
    assert list(texts.texts) == ["a", "d"] and any("2 rows without a text" in note for note in texts.notes)
    texts = read_text_table(content(kind=["good", None, "good", "bad"]), "kind")
    assert len(texts.texts) == 3 and any("1 row without a target" in note for note in texts.notes)
    with pytest.raises(DataError, match="no text in any row"):
        read_text_table(content(review=[None, "", " ", None]), "kind", text="review")


def test_several_labels_in_one_column_or_in_several():
    texts = read_text_table(content(kind=["a;b", "a", "", "b"]), "kind", labels="several")
    assert texts.has_several_labels and texts.targets.tolist() == [[1, 1], [1, 0], [0, 0], [0, 1]]
    texts = read_text_table(content(x=[1, 0, 1, 0], y=[0, 0, 1, 1]), "x,y")
    assert texts.classes == ("x", "y") and texts.targets.tolist() == [[1, 0], [0, 0], [1, 1], [0, 1]]


def test_whole_numbers_are_classes_without_a_point():
    assert read_text_table(content(kind=[1.0, 2.0, 1.0, 2.0]), "kind").classes == ("1", "2")


def test_a_table_without_rows_is_refused(tmp_path):
    (tmp_path / "empty.csv").write_text("text,kind\n")
    with pytest.raises(DataError):
        read_text_table(read_content(tmp_path / "empty.csv"), "kind")


def test_the_line_of_a_row_is_known(tmp_path):
    (tmp_path / "a.csv").write_text("text,kind\nsome words,x\n,x\nother words,y\nmore words,y\n")
    texts = read_text_table(read_content(tmp_path / "a.csv"), "kind")
    assert "line 4" in texts.locate(1)
