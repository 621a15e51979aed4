"""Pieces on a grid from JSON."""

from __future__ import annotations

import json

import pytest

from axone.data.notes.formats.frames_json import read_frames
from axone.errors import DataError

OTHER = ["{", "[]", "{}", '{"train": 3}', '{"train": [[[200]]]}', '{"train": [[["a"]]]}', '{"train": [[]]}',
         '{"train": [[[true]]]}', '{"train": [[[NaN]]]}']  # fmt: skip


def test_frames_are_sorted_and_without_repeats(tmp_path):
    path = tmp_path / "frames.json"
    path.write_text(json.dumps({"train": [[[60, 72.0, 60], []]], "valid": [[[1]]], "test": []}))
    splits = read_frames(path)
    assert splits["train"][0].frames == ((72, 60), ())
    assert [len(part) for part in splits.values()] == [1, 1, 0]


@pytest.mark.parametrize("text", OTHER)
def test_other_content_is_an_error(tmp_path, text):
    path = tmp_path / "frames.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"frames\.json"):
        read_frames(path)
