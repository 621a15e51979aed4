from __future__ import annotations

import io
import sys

import pytest

from axone.commands.parsing.arguments import list_files, parse_shape, parse_whole_number
from axone.errors import UsageError


def test_whole_numbers_and_their_limits():
    assert parse_whole_number("0", "--nearest", 0) == 0 and parse_whole_number("64", "--nearest", 0, 64) == 64
    for text in ("", "-1", "65", "3.0", "1e3", "\u00b2", "three", "9" * 1000):
        with pytest.raises(UsageError, match="--nearest cannot be") as caught:
            parse_whole_number(text, "--nearest", 0, 64)
        assert caught.value.expected == "expected a whole number, 0 to 64" and len(caught.value.what) < 120


def test_shapes_are_parsed_and_wrong_ones_refused():
    assert parse_shape("3x224x224", "--input") == (3, 224, 224) and parse_shape("2", "--input") == (2,)
    for text in ("", "3xx3", "3x0x3", "3x-1", "axb", "1x100001"):
        with pytest.raises(UsageError, match="--input cannot be"):
            parse_shape(text, "--input")


def test_files_of_words_folders_and_standard_input(tmp_path, monkeypatch):
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    for name in ("b.png", "a.png", ".hidden", "inner/c.png"):
        (tmp_path / "folder" / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO("x.png\r\n\n folder\n"))
    listed = [path.as_posix() for path in list_files(["one.png", "folder", "-"])]
    assert listed == ["one.png", "folder/a.png", "folder/b.png", "folder/inner/c.png", "x.png", " folder"]


def test_no_file_at_all_is_an_error(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="There is no input"):
        list_files([str(tmp_path / "empty")])
