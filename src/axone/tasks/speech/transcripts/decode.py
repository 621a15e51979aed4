"""From the log probabilities of CTC to symbols: greedy decoding, and prefix beam search with a language model.

A path has one symbol or the blank (0) at each step. Equal neighbors are merged and blanks removed: "aa-ab" reads "aab".
Greedy decoding reads the likeliest path. The probability of a transcript is the sum over all paths that read as it;
prefix beam search adds them up for the prefixes that it keeps, each with two probabilities: of the paths that end in
the blank, and of those that end in its last symbol.

Papers: Graves, Fernández, Gomez, Schmidhuber 2006, "Connectionist temporal classification"; Hannun, Maas, Jurafsky, Ng
2014, arXiv:1408.2873 (prefix beam search with a language model).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int64

BLANK = 0
LogProbabilities = Float[np.ndarray, "steps symbols"]


class Decoded(NamedTuple):
    """Symbols that were decoded, and how likely they are."""

    symbols: tuple[int, ...]
    score: float  # natural logarithm of the probability, with the language model's share where there is one


@runtime_checkable
class LanguageScores(Protocol):
    """What a language model says about the next symbol after a prefix."""

    def begin(self) -> tuple[Any, Float[np.ndarray, " symbols"]]:
        """Return the state before the first symbol, and the log probability of each symbol; [BLANK]: of the end."""

    def extend(
        self, states: Sequence[Any], symbols: Sequence[int]
    ) -> tuple[list[Any], Float[np.ndarray, "prefixes symbols"]]:
        """Append a symbol to each of several prefixes; return their states, and the log probabilities after them."""


def decode_greedily(log_probabilities: LogProbabilities) -> tuple[Decoded, Int64[np.ndarray, " decoded"]]:
    """Return the symbols of the likeliest path, and the step at which each is likeliest: its spike.

    Args:
        log_probabilities: Of each symbol at each step of one recording, without padding.
    """
    path = log_probabilities.argmax(1) if len(log_probabilities) else np.zeros(0, np.int64)
    peaks = log_probabilities.max(1) if len(log_probabilities) else np.zeros(0)
    symbols: list[int] = []
    spikes: list[int] = []
    previous = BLANK
    for step, symbol in enumerate(path.tolist()):
        if symbol != BLANK and symbol != previous:
            symbols.append(symbol)
            spikes.append(step)
        elif symbol != BLANK and peaks[step] > peaks[spikes[-1]]:
            spikes[-1] = step
        previous = symbol
    return Decoded(tuple(symbols), float(peaks.sum())), np.array(spikes, np.int64)


@dataclass
class _Prefix:
    """A beginning of a transcript, with the log probability of all its paths so far."""

    blank: float = -math.inf  # of the paths that end in the blank
    symbol: float = -math.inf  # of those that end in its last symbol

    @property
    def total(self) -> float:
        return _add(self.blank, self.symbol)


def decode_with_beam(
    log_probabilities: LogProbabilities,
    beam: int,
    language: LanguageScores | None = None,
    language_weight: float = 0.5,
    symbol_bonus: float = 0.0,
) -> list[Decoded]:
    """Return the best transcripts, best first: at most `beam` of them, at least one.

    Args:
        log_probabilities: Of each symbol at each step of one recording, without padding.
        beam: The prefixes that are kept after each step.
        language: A language model over the same symbols; None: the network alone.
        language_weight: The factor of the language model's log probabilities.
        symbol_bonus: Added to the score for each symbol: a language model prefers short transcripts.
    """
    language_states = _LanguageStates(language, language_weight, symbol_bonus)
    beams: dict[tuple[int, ...], _Prefix] = {(): _Prefix(blank=0.0)}
    for row in log_probabilities.tolist():
        language_states.prepare(list(beams))
        extended: dict[tuple[int, ...], _Prefix] = {}
        for prefix, current in beams.items():
            total, last = current.total, prefix[-1] if prefix else BLANK
            same = extended.setdefault(prefix, _Prefix())
            same.blank = _add(same.blank, total + row[BLANK])
            if prefix:
                same.symbol = _add(same.symbol, current.symbol + row[last])
            for symbol in range(1, len(row)):
                # A repeated symbol is a new one only after a blank.
                reached = (current.blank if symbol == last else total) + row[symbol]
                if reached > -math.inf:
                    longer = extended.setdefault((*prefix, symbol), _Prefix())
                    longer.symbol = _add(longer.symbol, reached)
        best = sorted(extended, key=lambda prefix: -extended[prefix].total - language_states.score(prefix))[:beam]
        beams = {prefix: extended[prefix] for prefix in best}
    language_states.prepare(list(beams))
    decoded = [Decoded(prefix, state.total + language_states.score_end(prefix)) for prefix, state in beams.items()]
    return sorted(decoded, key=lambda each: -each.score)


class _LanguageStates:
    """The weighted scores of a language model for the prefixes of a search; each prefix is read once."""

    def __init__(self, language: LanguageScores | None, weight: float, bonus: float) -> None:
        self.language, self.weight, self.bonus = language, weight, bonus
        self._scores: dict[tuple[int, ...], float] = {(): 0.0}  # log probability of the prefix itself
        self._states: dict[tuple[int, ...], tuple[Any, np.ndarray]] = {}
        if language is not None:
            self._states[()] = language.begin()

    def prepare(self, prefixes: Sequence[tuple[int, ...]]) -> None:
        """Read the prefixes that are new, all at once, and forget the states of all others."""
        if self.language is None:
            return
        new = [prefix for prefix in prefixes if prefix not in self._states]
        for prefix in new:
            self._scores[prefix] = self._score_prefix(prefix)
        if new:
            states, rows = self.language.extend(
                [self._states[prefix[:-1]][0] for prefix in new], [prefix[-1] for prefix in new]
            )
            self._states.update({prefix: (state, row) for prefix, state, row in zip(new, states, rows)})
        # The beginnings too: a prefix that left the search is reached again from one that is shorter by a symbol.
        needed = {prefix[:length] for prefix in prefixes for length in range(len(prefix) + 1)}
        self._states = {prefix: state for prefix, state in self._states.items() if prefix in needed}

    def score(self, prefix: tuple[int, ...]) -> float:
        """Return what the language model and the bonus add to the score of a prefix."""
        if self.language is None:
            return self.bonus * len(prefix)
        return self.weight * self._score_prefix(prefix) + self.bonus * len(prefix)

    def score_end(self, prefix: tuple[int, ...]) -> float:
        """Return the same for a whole transcript: with the probability that it ends here."""
        if self.language is None:
            return self.score(prefix)
        return self.score(prefix) + self.weight * float(self._states[prefix][1][BLANK])

    def _score_prefix(self, prefix: tuple[int, ...]) -> float:
        if prefix in self._scores:
            return self._scores[prefix]
        return self._scores[prefix[:-1]] + float(self._states[prefix[:-1]][1][prefix[-1]])


def _add(a: float, b: float) -> float:
    """Return log(exp(a) + exp(b))."""
    low, high = (a, b) if a < b else (b, a)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))
