"""Files of any format: the content decides."""

from __future__ import annotations

import pytest

from axone.data.notes.formats.write_midi import encode_midi
from axone.data.notes.read import read_score
from axone.data.notes.score import MusicError
from tests.helpers.data.music import small_score


def test_the_content_decides(tmp_path):
    path = tmp_path / "song.xml"
    path.write_bytes(encode_midi(small_score()))
    assert len(read_score(path).notes) == 24


@pytest.mark.parametrize("content", [b"", b"no music", b"PK\x03\x04", b"<html>", b"\xff\xfe<\0"])
def test_what_is_no_music(tmp_path, content):
    path = tmp_path / "song.mid"
    path.write_bytes(content)
    with pytest.raises(MusicError, match=r"song\.mid") as error:
        read_score(path)
    assert error.value.reason


def test_missing_files_and_folders(tmp_path):
    for path in (tmp_path, tmp_path / "none.mid"):
        with pytest.raises(MusicError):
            read_score(path)
