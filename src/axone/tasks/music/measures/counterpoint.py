"""Rules of four-part writing, measured on any music in the same way: parallel fifths and octaves, ranges of the voices.

What the voices are is not in the data: `axone.data.notes.voices` assigns them, in composed music as in Bach's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from axone.data.notes.score import Frame
from axone.data.notes.voices import VOICES, assign_voices

FIFTH, OCTAVE = 7, 0  # semitones, without octaves


class Counterpoint(NamedTuple):
    """What was counted in some pieces."""

    chords: int  # changes of the chord
    fifths: int
    octaves: int
    ranges: tuple[tuple[int, int], ...]  # the lowest and the highest pitch of each voice; empty without four voices

    def per_hundred(self, count: int) -> float:
        """Return a count per 100 chords."""
        return 100 * count / max(1, self.chords)


def measure_counterpoint(pieces: Sequence[Sequence[Frame]]) -> Counterpoint:
    """Count the parallels of some pieces, and find the ranges of their voices.

    Two voices a fifth (or octave) apart that both move in one direction, and are a fifth (octave) apart again, are
    parallel. Steps with more than four notes are not counted.
    """
    chords = fifths = octaves = 0
    pitches: list[list[int]] = [[] for _voice in range(VOICES)]
    for frames in pieces:
        before: tuple[int, ...] = ()
        for chord in assign_voices([frame if len(frame) <= VOICES else () for frame in frames]):
            for voice, pitch in enumerate(chord):
                pitches[voice].append(pitch)
            if before and chord and chord != before:
                chords += 1
                for high, low in combinations(range(VOICES), 2):
                    fifths += _is_parallel(before, chord, high, low, FIFTH)
                    octaves += _is_parallel(before, chord, high, low, OCTAVE)
            before = chord
    ranges = tuple((min(voice), max(voice)) for voice in pitches if voice)
    return Counterpoint(chords, fifths, octaves, ranges)


def _is_parallel(before: Sequence[int], chord: Sequence[int], high: int, low: int, interval: int) -> bool:
    moves = (chord[high] - before[high], chord[low] - before[low])
    if moves[0] * moves[1] <= 0 or before[high] == before[low] or chord[high] == chord[low]:
        return False
    return (before[high] - before[low]) % 12 == interval == (chord[high] - chord[low]) % 12
