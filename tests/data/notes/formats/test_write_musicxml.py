"""MusicXML: music21 reads the same notes, and bars are full."""

from __future__ import annotations

import re

import pytest

from axone.data.notes.formats.musicxml import read_musicxml
from axone.data.notes.formats.write_musicxml import encode_musicxml, find_bars, split_length
from axone.data.notes.quantize import quantize
from axone.data.notes.score import Piece
from axone.data.notes.voices import to_voices
from tests.helpers.data.music import small_piece

WITH_UPBEAT = Piece(small_piece(9).frames, (3, 0, 1, 2, 3, 0, 1, 2, 3), "<&>", 4)


@pytest.mark.parametrize("piece", [small_piece(20), WITH_UPBEAT], ids=["plain", "upbeat"])
def test_music21_reads_the_same_steps(piece):
    score = read_musicxml(encode_musicxml(to_voices(piece), piece, 2, 90.0, piece.name).encode())
    again = quantize(score, 2).piece
    assert again.frames == piece.frames
    assert again.positions == piece.positions
    assert score.title == piece.name


def test_bars_are_full_and_notes_have_colors():
    piece = small_piece(16)
    document = encode_musicxml(to_voices(piece), piece, 1, 90.0, colors={(0, piece.frames[0][0]): "#ff0000"})
    assert document.count('color="#ff0000"') == 1
    for bar in re.findall("<measure.*?</measure>", document, re.DOTALL):
        notes = re.findall(r"<note[^>]*>(<chord/>)?.*?<duration>(\d+)</duration>.*?</note>", bar)
        assert sum(int(steps) for chord, steps in notes if not chord) == 4 * 4
    assert find_bars(WITH_UPBEAT) == [(0, 1), (1, 5), (5, 9)]


@pytest.mark.parametrize("steps", range(1, 40, 3))
def test_lengths_are_sums_of_notes(steps):
    assert sum(part[0] for part in split_length(steps, 4)) == steps


def test_dots_and_thirds():
    assert split_length(12, 4) == [(12, "half", True)]
    assert split_length(1, 3) == [(1, "", False)]
