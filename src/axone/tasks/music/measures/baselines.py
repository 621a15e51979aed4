"""What a network must beat: a Markov chain of chords, smoothed, on the same pieces in the same keys.

    p(chord | last) = (count(last, chord) + m p(chord)) / (count(last) + m),  m: the number of different successors
    p(chord)        = (count(chord) + M q(chord)) / (N + M)                 (Witten and Bell 1991)
    q(chord)        = product over all pitches of the probability that it sounds or not

so that every chord has a probability above 0, also one that is not in the training pieces.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from axone.data.notes.score import PITCHES, Frame, Piece


class MarkovChain:
    """A smoothed Markov chain of chords.

    Args:
        pieces: The training pieces.
        keys: The transpositions in which each of them counts, lowest and highest.
    """

    def __init__(self, pieces: Sequence[Piece], keys: tuple[int, int] = (0, 0)) -> None:
        self.pairs: dict[Frame, Counter[Frame]] = defaultdict(Counter)
        self.chords: Counter[Frame] = Counter()
        sounding: Counter[int] = Counter()
        for piece in pieces:
            for key in range(keys[0], keys[1] + 1):
                before: Frame = ()
                for frame in piece.frames:
                    chord = tuple(pitch + key for pitch in frame)
                    self.pairs[before][chord] += 1
                    self.chords[chord] += 1
                    sounding.update(chord)
                    before = chord
        self.steps = sum(self.chords.values())
        # Half a step more with the pitch, and half a step more without it: no probability is 0 or 1.
        self.log_on = [math.log((sounding[pitch] + 0.5) / (self.steps + 1)) for pitch in range(PITCHES)]
        log_off = [math.log((self.steps - sounding[pitch] + 0.5) / (self.steps + 1)) for pitch in range(PITCHES)]
        self.log_silence = sum(log_off)
        self.log_odds = [on - off for on, off in zip(self.log_on, log_off, strict=True)]

    def log_probability(self, chord: Frame, before: Frame) -> float:
        """Return the logarithm of the probability of a chord after another; () is silence, and the beginning."""
        single = math.exp(self.log_silence + sum(self.log_odds[pitch] for pitch in chord))
        kinds = len(self.chords)
        probability = (self.chords[chord] + kinds * single) / (self.steps + kinds)
        if followers := self.pairs.get(before):
            total = followers.total()
            probability = (followers[chord] + len(followers) * probability) / (total + len(followers))
        return math.log(probability)

    def measure(self, pieces: Sequence[Piece]) -> float:
        """Return the negative log-likelihood of pieces, in nats a step."""
        total, steps = 0.0, 0
        for piece in pieces:
            for before, chord in zip(((), *piece.frames), piece.frames, strict=False):
                total -= self.log_probability(chord, before)
            steps += len(piece)
        return total / max(1, steps)
