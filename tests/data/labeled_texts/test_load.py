"""Load texts from every kind of source."""

from __future__ import annotations

import polars
import pytest

from axone.data.datasets import language_words
from axone.data.labeled_texts.load import load_texts
from axone.errors import DataError

PAIR = (["a film", "a song", "a film"], ["x", "y", "x"])


def test_pairs_frames_tables_and_collections(tmp_path):
    pair = load_texts(PAIR)
    assert pair.classes == ("x", "y") and load_texts(pair) is pair
    frame = polars.DataFrame({"t": PAIR[0], "k": PAIR[1]})
    frame.write_csv(tmp_path / "a.csv")
    frame.write_parquet(tmp_path / "a.parquet")
    for source in (frame, tmp_path / "a.csv", str(tmp_path / "a.parquet")):
        loaded = load_texts(source, "k")
        assert list(loaded.texts) == PAIR[0] and loaded.targets.tolist() == [0, 1, 0]


def test_a_list_of_labels_means_several():
    several = load_texts((["a", "b", "c"], [["x", "y"], [], ["y"]]))
    assert several.classes == ("x", "y") and several.targets.tolist() == [[1, 1], [0, 0], [0, 1]]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ((["a"], ["x", "y"]), "1 texts and 2 labels"),
        (([1, 2], ["x", "y"]), "A int is not a text"),
    ],
)
def test_wrong_pairs_are_refused(source, words):
    with pytest.raises(DataError, match=words):
        load_texts(source)


def test_a_runs_classes_and_columns_are_found_again(tmp_path):
    polars.DataFrame({"t": PAIR[0], "k": PAIR[1], "longer": ["a much longer column"] * 3}).write_csv(tmp_path / "a.csv")
    known = {"classes": ["w", "x", "y"], "several_labels": False, "text": "t", "target": ["k"]}
    loaded = load_texts(tmp_path / "a.csv", known=known)
    assert loaded.column == "t" and loaded.targets.tolist() == [1, 2, 1]


def test_the_named_set(monkeypatch):
    monkeypatch.setattr(language_words, "LANGUAGES", {"fi": "Finnish", "fr": "French"})
    loaded = load_texts("languages")
    assert loaded.classes == ("Finnish", "French") and "share" in loaded.notes[0]
