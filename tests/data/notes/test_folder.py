"""Folders of pieces: splits, skipped files, limits."""

from __future__ import annotations

import pytest

from axone.data.notes.folder import list_files, read_folder
from axone.data.notes.formats.write_midi import encode_midi
from axone.errors import DataError
from axone.progress import ignore_progress
from tests.helpers.data.music import small_score


def fill(folder, count):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"{number}.mid").write_bytes(encode_midi(small_score(notes=3, seed=number)))


def test_splits_and_skipped_files(tmp_path):
    fill(tmp_path / "train" / "deep", 30)
    fill(tmp_path / "test", 2)
    (tmp_path / "test" / "bad.mid").write_bytes(b"MThd")
    (tmp_path / "readme.txt").write_text("no music")
    content = read_folder(tmp_path, ignore_progress)
    assert [split for _name, split, _score in content.scores].count("train") == 30
    assert [str(path) for path, _reason in content.skipped] == ["test/bad.mid"]


def test_one_file_and_links_that_lead_back(tmp_path):
    fill(tmp_path, 1)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(list_files(tmp_path)) == 1
    assert read_folder(tmp_path / "0.mid", ignore_progress).scores[0][:2] == ("0.mid", "")


def test_errors(tmp_path):
    with pytest.raises(DataError, match="has no MIDI"):
        read_folder(tmp_path, ignore_progress)
    with pytest.raises(DataError, match="There is no"):
        read_folder(tmp_path / "none", ignore_progress)
    fill(tmp_path, 3)
    (tmp_path / "bad.mid").write_bytes(b"")
    with pytest.raises(DataError, match=r"1 of 4 files(.|\n)*bad\.mid"):
        read_folder(tmp_path, ignore_progress)
