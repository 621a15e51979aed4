"""Batches of pieces: a function of (seed, epoch, batch), with excerpts and keys."""

from __future__ import annotations

import pytest
import torch

from axone.tasks.music.stream import MusicStream
from tests.helpers.data.music import small_piece

PIECES = [small_piece(steps, seed=steps) for steps in (8, 40, 12, 9, 30, 11)]


@pytest.mark.parametrize("objective", ["notes", "sigmoids"])
def test_batches_can_begin_anywhere(objective):
    stream = MusicStream(PIECES, objective, batch_size=2, excerpt=16, keys=(-3, 3), seed=1)
    assert len(stream.examples) == 1 + 3 + 1 + 1 + 2 + 1
    whole, part = list(stream.batches(2)), list(stream.batches(2, start=3))
    for one, other in zip(whole[3:], part, strict=True):
        assert repr(one) == repr(other)
    assert repr(whole[0]) != repr(next(stream.batches(3)))
    assert all(batch.steps <= 32 for batch in whole)


def test_evaluation_has_all_steps_of_both_objectives():
    for objective in ("notes", "sigmoids"):
        stream = MusicStream(PIECES, objective, batch_size=4, shuffle=False)
        assert sum(batch.steps for batch in stream.batches(1)) == sum(map(len, PIECES))


def test_keys_keep_pitches_in_range():
    stream = MusicStream([small_piece(4)], "notes", batch_size=1, keys=(-24, 24))
    seen = {int(next(stream.batches(epoch)).tokens.targets[0, 0]) for epoch in range(1, 30)}
    assert len(seen) > 10
    assert stream._choose_key(small_piece(4).__class__(((126, 3),), (0,)), 0.0) == -3
    assert stream._choose_key(small_piece(4).__class__(((126, 3),), (0,)), 0.999) == 1


def test_steps_before_an_excerpt_are_its_context():
    piece = small_piece(8)
    stream = MusicStream([piece], "sigmoids", batch_size=1, shuffle=False)
    batch = next(stream.batches(1))
    assert torch.equal(batch.previous[0, 1:], batch.targets[0, :-1])
    assert not batch.previous[0, 0].any()
    assert batch.targets[0, 0].nonzero().flatten().tolist() == sorted(piece.frames[0])
