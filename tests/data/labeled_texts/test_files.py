"""Texts of files: folders of classes in any encoding, and lines with a file of labels."""

from __future__ import annotations

import pytest

from axone.data.labeled_texts.files import read_text_folders, read_text_lines, split_lines
from axone.errors import DataError


def write(root, **files):
    """Write files whose names have two underscores between folders."""
    for name, content in files.items():
        path = root.joinpath(*name.split("__")).with_suffix(".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def test_a_folder_for_each_class(tmp_path):
    texts = read_text_folders(write(tmp_path, spam__a="buy", spam__in__b="buy now", ham__a="hello\r\nyou"))
    assert texts.classes == ("ham", "spam") and list(texts.texts) == ["hello\nyou", "buy", "buy now"]
    assert [texts.locate(row) for row in range(3)] == ["ham/a.txt", "spam/a.txt", "spam/in/b.txt"]
    assert texts.parts == {}


def test_folders_that_are_divided_keep_their_division(tmp_path):
    texts = read_text_folders(write(tmp_path, train__x__1="a", train__y__1="b", test__x__1="c", val__y__1="d"))
    rows = {part: [texts.texts[row] for row in numbers] for part, numbers in texts.parts.items()}
    assert rows == {"train": ["a", "b"], "test": ["c"], "validation": ["d"]}


def test_encodings_are_read_and_said_once(tmp_path):
    files = {f"x__{n}": f"é {n}".encode("latin-1") for n in range(30)}
    texts = read_text_folders(write(tmp_path, **files, y__a="ü", y__b="ü".encode("utf-16")))
    assert "é 3" in texts.texts and texts.texts.count("ü") == 2
    assert sum("31 files are not in UTF-8" in note for note in texts.notes) == 1 and len(texts.notes) == 1
    assert texts.encodings == {"UTF-8": 1, "other": 31}


def test_files_that_cannot_be_read_are_skipped_up_to_a_limit(tmp_path):
    root = write(tmp_path / "few", **{f"x__{n}": "a" for n in range(30)}, y__a="b", y__b=b"\x00\x01\x02\xff")
    texts = read_text_folders(root)
    ((name, reason),) = texts.skipped
    assert name == "y/b.txt" and "binary" in reason
    with pytest.raises(DataError, match="cannot be used"):
        read_text_folders(write(tmp_path / "many", x__a="a", y__a="b", y__b=b"\x00\x01\x02\xff"))


def test_loose_files_are_said_and_one_class_is_refused(tmp_path):
    texts = read_text_folders(write(tmp_path, x__a="a", y__a="b", readme="c"))
    assert len(texts.texts) == 2 and any("readme.txt" in note for note in texts.notes)
    with pytest.raises(DataError, match="no two folders"):
        read_text_folders(write(tmp_path / "one", x__a="a", x__b="b"))


def test_lines_have_labels_of_another_file(tmp_path):
    write(tmp_path, texts="one\n\nthree\nfour\n", labels="a\na\nb\n\n")
    texts = read_text_lines(tmp_path / "texts.txt", tmp_path / "labels.txt")
    assert list(texts.texts) == ["one", "three"] and texts.targets.tolist() == [0, 1]
    assert texts.locate(1) == "line 3" and any("2 lines without" in note for note in texts.notes)


def test_another_number_of_labels_than_of_lines_is_an_error_with_both(tmp_path):
    write(tmp_path, texts="one\ntwo\nthree\n", labels="a\nb\n")
    with pytest.raises(DataError, match=r"has 3 lines, and .* has 2") as error:
        read_text_lines(tmp_path / "texts.txt", tmp_path / "labels.txt")
    assert error.value.exit_code == 3


def test_lines_with_several_labels(tmp_path):
    write(tmp_path, texts="one\ntwo\nthree\n", labels="a;b\na\nb\n")
    assert read_text_lines(tmp_path / "texts.txt", tmp_path / "labels.txt").targets.tolist() == [[1, 1], [1, 0], [0, 1]]


def test_a_newline_at_the_end_begins_no_line():
    assert split_lines("a\nb\n") == ["a", "b"] == split_lines("a\nb") and split_lines("a\n\n") == ["a", ""]
