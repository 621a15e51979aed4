"""Copied passages, and chords that stay."""

from __future__ import annotations

from axone.tasks.music.measures.copies import find_longest_copy, longest_stay
from tests.helpers.data.music import small_piece


def test_the_longest_passage_in_any_key_is_found():
    training = [small_piece(40, seed=seed).frames for seed in range(5)]
    copied = tuple(tuple(pitch + 5 for pitch in frame) for frame in training[3][10:22])
    frames = small_piece(6, seed=9).frames + copied + small_piece(6, seed=8).frames
    copy = find_longest_copy(frames, training)
    assert (copy.steps, copy.start, copy.source) == (12, 6, 3)


def test_one_chord_that_stays_is_no_copy():
    assert find_longest_copy(((60,),) * 10, [((60,),) * 20]).source == -1
    assert find_longest_copy((), []).steps == 0
    assert longest_stay(((60,), (60,), (62,), (62,), (62,))) == 3
    assert longest_stay(()) == 0
