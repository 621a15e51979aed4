"""Voices: which note belongs to which voice, and how long it is held."""

from __future__ import annotations

from axone.data.notes.score import Piece
from axone.data.notes.voices import assign_voices, choose_meter, to_score, to_voices


def test_voices_move_as_little_as_possible():
    assert assign_voices([(72, 67, 60, 48), (72, 65, 48)]) == [(72, 67, 60, 48), (72, 65, 65, 48)]
    assert assign_voices([(72, 67, 60, 48), (), (67, 60, 48)])[1:] == [(), (67, 67, 60, 48)]


def test_notes_are_held_to_the_bar_line_or_to_the_next_strike():
    piece = Piece(((72, 60),) * 6, (0, 1, 2, 3, 0, 1), "", 4)
    assert [event[:2] for event in to_voices(piece)[0]] == [(0, 4), (4, 2)]
    assert [event[:2] for event in to_voices(piece, strikes={0, 2})[0]] == [(0, 2), (2, 4)]


def test_more_notes_are_two_hands():
    piece = Piece(((72, 67, 64, 60, 48, 36),) * 2, (0, 1), "", 4)
    assert [voice[0].pitches for voice in to_voices(piece)] == [(72, 67, 64, 60), (48, 36)]


def test_the_score_has_each_note_once_and_the_upbeat():
    piece = Piece(((72, 60),) * 3, (3, 0, 1), "", 4)
    score = to_score(to_voices(piece), piece, 1, 90.0, "title")
    assert len({(note.start, note.pitch) for note in score.notes}) == len(score.notes) == 4
    assert (score.upbeat, score.tempo) == (1.0, 90.0)


def test_meters():
    assert [choose_meter(*pair) for pair in ((4, 1), (6, 2), (3, 2), (7, 4))] == [(4, 4), (3, 4), (3, 8), (7, 16)]
