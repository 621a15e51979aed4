"""Data sets of music: splits, excerpts, copies, and the sentences about them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from axone.data.notes.formats.write_midi import encode_midi
from axone.data.notes.load import cut, load_music
from axone.errors import DataError
from axone.progress import ignore_progress
from tests.helpers.data.music import small_piece, small_score


def load(source, grid=4, **values):
    values = {"validation": 0.2, "seed": 0, "limit": 0, "progress": ignore_progress, **values}
    return load_music(str(source), grid, **values)


def test_splits_do_not_share_pieces():
    data = load("cadences")
    names = [{piece.name for piece in part} for part in data.splits.values()]
    assert sum(map(len, names)) == len(set().union(*names)) == 120
    assert load("cadences").splits == data.splits
    assert len(load("cadences", limit=5).splits["train"]) == 5
    assert [len(part) for part in load("cadences", whole=True).splits.values()] == [0, 0, 120]


def test_copies_in_another_key_are_left_out_and_a_coarse_grid_is_said(tmp_path):
    for number in range(12):
        (tmp_path / f"{number:02}.mid").write_bytes(encode_midi(small_score(seed=number)))
    score = small_score(seed=0)
    moved = replace(score, notes=tuple(note._replace(pitch=note.pitch + 3) for note in score.notes))
    (tmp_path / "99.mid").write_bytes(encode_midi(moved))
    late = tuple(note._replace(start=note.start + 0.5) if k % 2 else note for k, note in enumerate(score.notes))
    (tmp_path / "late.mid").write_bytes(encode_midi(replace(score, notes=tuple(sorted(late)))))
    data = load(tmp_path, grid=1)
    assert sum(map(len, data.splits.values())) == 13
    assert any("99.mid" in note for note in data.notes)
    assert any("--grid 2" in note for note in data.notes)


def test_few_pieces_are_cut_into_excerpts(tmp_path):
    (tmp_path / "long.mid").write_bytes(encode_midi(small_score(notes=200)))
    data = load(tmp_path / "long.mid")
    assert len(data.splits["train"]) > 3
    assert any("excerpts" in note for note in data.notes)
    parts = cut(small_piece(20), 2)
    assert [len(part) for part in parts] == [8, 8, 4]


def test_nothing_to_train_on(tmp_path):
    path = tmp_path / "frames.json"
    path.write_text('{"train": [[[], []]]}')
    with pytest.raises(DataError, match="no music"):
        load(path)
