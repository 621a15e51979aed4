"""Decoding against the enumeration of all paths."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from axone.tasks.speech.transcripts.decode import decode_greedily, decode_with_beam


def draw(steps: int, symbols: int, seed: int) -> np.ndarray:
    generator = torch.Generator().manual_seed(seed)
    return (2 * torch.randn(steps, symbols, generator=generator, dtype=torch.float64)).log_softmax(1).numpy()


def collapse(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(symbol for symbol, _group in itertools.groupby(path) if symbol)


def enumerate_transcripts(log_probabilities: np.ndarray) -> dict[tuple[int, ...], float]:
    """Return the probability of every transcript: the sum over all paths that read as it."""
    steps, symbols = log_probabilities.shape
    totals: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(symbols), repeat=steps):
        probability = math.exp(sum(log_probabilities[step, symbol] for step, symbol in enumerate(path)))
        totals[collapse(path)] = totals.get(collapse(path), 0.0) + probability
    return totals


class Bigrams:
    """A language model in which the next symbol depends on the last one alone; [0] is the end."""

    def __init__(self, symbols: int) -> None:
        self.rows = draw(symbols, symbols, seed=9)

    def begin(self):
        return 0, self.rows[0]

    def extend(self, states, symbols):
        return list(symbols), self.rows[list(symbols)]

    def score(self, transcript: tuple[int, ...]) -> float:
        pairs = itertools.pairwise((0, *transcript, 0))
        return float(sum(self.rows[one, other] for one, other in pairs))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("steps", "symbols"), [(1, 3), (4, 3), (5, 4), (6, 2)])
def test_a_wide_beam_finds_the_probability_of_every_transcript(steps, symbols, seed):
    log_probabilities = draw(steps, symbols, seed)
    expected = enumerate_transcripts(log_probabilities)
    decoded = decode_with_beam(log_probabilities, beam=2000)
    assert {each.symbols: math.exp(each.score) for each in decoded} == pytest.approx(expected)
    assert decoded[0].symbols == max(expected, key=expected.__getitem__)


@pytest.mark.parametrize("seed", range(5))
def test_a_wide_beam_finds_the_best_transcript_with_a_language_model(seed):
    log_probabilities, language = draw(5, 4, seed), Bigrams(4)
    weight, bonus = 0.7, 0.3
    expected = {
        transcript: math.log(probability) + weight * language.score(transcript) + bonus * len(transcript)
        for transcript, probability in enumerate_transcripts(log_probabilities).items()
    }
    decoded = decode_with_beam(log_probabilities, 2000, language, weight, bonus)
    assert {each.symbols: each.score for each in decoded} == pytest.approx(expected)
    assert decoded[0].symbols == max(expected, key=expected.__getitem__)


def test_a_narrow_beam_keeps_so_many_and_the_likeliest():
    log_probabilities = draw(30, 6, seed=1)
    decoded = decode_with_beam(log_probabilities, beam=4)
    assert len(decoded) == 4
    assert [each.score for each in decoded] == sorted((each.score for each in decoded), reverse=True)
    assert decoded[0].score >= decode_with_beam(log_probabilities, beam=1)[0].score


def test_a_language_model_decides_between_equal_sounds():
    language = Bigrams(3)
    language.rows = np.log(np.array([[0.1, 0.8, 0.1], [0.9, 0.05, 0.05], [0.9, 0.05, 0.05]]))
    log_probabilities = np.log(np.array([[0.02, 0.49, 0.49]]))
    assert decode_with_beam(log_probabilities, 8, language)[0].symbols == (1,)


def test_greedy_decoding_merges_repeats_and_finds_the_spikes():
    probabilities = np.full((7, 3), 0.01)
    for step, (symbol, value) in enumerate([(0, 0.9), (1, 0.6), (1, 0.9), (0, 0.8), (1, 0.7), (2, 0.5), (2, 0.4)]):
        probabilities[step, symbol] = value
    decoded, spikes = decode_greedily(np.log(probabilities))
    assert decoded.symbols == (1, 1, 2)
    assert spikes.tolist() == [2, 4, 5]
    assert decoded.score == pytest.approx(np.log([0.9, 0.6, 0.9, 0.8, 0.7, 0.5, 0.4]).sum())


def test_no_steps_give_no_symbols():
    nothing = np.zeros((0, 3), np.float32)
    assert decode_greedily(nothing)[0].symbols == ()
    assert [each.symbols for each in decode_with_beam(nothing, 4)] == [()]
