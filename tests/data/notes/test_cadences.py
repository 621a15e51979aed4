"""The generated cadences keep their rules."""

from __future__ import annotations

from axone.data.notes.cadences import make_cadences


def test_cadences_end_on_the_tonic_and_are_the_same_each_time():
    pieces = make_cadences(5)
    assert pieces == make_cadences(5)
    for piece in pieces:
        assert len(piece) == 32
        assert all(3 <= len(frame) <= 4 and list(frame) == sorted(frame, reverse=True) for frame in piece.frames)
        assert piece.frames[0][-1] % 12 == piece.frames[-1][-1] % 12 == piece.frames[15][-1] % 12
    assert len({piece.frames for piece in pieces}) == 5
