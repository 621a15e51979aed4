"""Notes on a grid: what fits, what is moved, what is left out."""

from __future__ import annotations

import pytest

from axone.data.notes.quantize import quantize
from axone.data.notes.score import Meter, Note, Score


def score(*notes, **values):
    return Score(tuple(Note(*note) for note in notes), **values)


def test_frames_are_the_sounding_pitches_from_high_to_low():
    piece = quantize(score((0, 2, 60), (1, 1, 64), (3, 0.5, 62)), 2).piece
    assert piece.frames == ((60,), (60,), (64, 60), (64, 60), (), (), (62,))
    assert quantize(score((0, 0.01, 60)), 4).piece.frames == ((60,),)


def test_what_does_not_fit_is_counted():
    result = quantize(score((0, 1, 60), (0.5, 0.5, 62), (1.5, 1.5, 64), (3.1, 1, 65)), 1)
    assert (result.notes, result.between, result.left_out) == (4, 2, 1)
    assert result.piece.frames == ((60,), (), (64,), (65,))


@pytest.mark.parametrize(("upbeat", "expected"), [(0.0, (0, 1, 2, 3, 0)), (1.0, (3, 0, 1, 2, 3))])
def test_positions_after_an_upbeat(upbeat, expected):
    assert quantize(score((0, 5, 60), upbeat=upbeat), 1).piece.positions == expected


def test_positions_follow_the_meter_and_the_first_note():
    meters = (Meter(0.0, 3, 4), Meter(6.0, 2, 4))
    assert quantize(score((0, 10, 60), meters=meters), 1).piece.positions == (0, 1, 2, 0, 1, 2, 0, 1, 0, 1)
    assert quantize(score((1, 3, 60), meters=meters), 1).piece.positions == (1, 2, 0)
