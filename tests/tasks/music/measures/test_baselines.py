"""The Markov chain of chords."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from axone.data.notes.cadences import make_cadences
from axone.data.notes.score import Piece
from axone.tasks.music.measures import baselines
from axone.tasks.music.measures.baselines import MarkovChain


def test_probabilities_sum_to_one(monkeypatch):
    monkeypatch.setattr(baselines, "PITCHES", 4)
    chain = MarkovChain([Piece(((3, 1), (2,), (3, 1), (2,), ()), (0, 1, 2, 3, 0))])
    chords = [tuple(sorted(chord, reverse=True)) for size in range(5) for chord in combinations(range(4), size)]
    for before in ((), (3, 1), (0,)):
        assert sum(math.exp(chain.log_probability(chord, before)) for chord in chords) == pytest.approx(1)


def test_it_learns_what_follows_and_gives_every_chord_a_probability():
    pieces = make_cadences(60)
    chain = MarkovChain(pieces[:50], (-5, 6))
    assert chain.measure(pieces[50:]) < 0.75 * MarkovChain(pieces[:1]).measure(pieces[50:])
    assert chain.log_probability((127, 0), (64,)) < -20
