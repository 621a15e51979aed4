"""The key of a piece and the spelling of its notes: whether a black key is C sharp or D flat."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_LETTERS = "FCGDAEB"  # the line of fifths from -1 to 5


class Spelling(NamedTuple):
    """A note as it is written."""

    letter: str
    alter: int  # semitones: 1 for a sharp, -1 for a flat
    octave: int  # of the letter; middle C is C4


def find_key(pitches: Iterable[int]) -> int:
    """Return the key signature with the fewest accidentals, as sharps (positive) or flats (negative)."""
    counts = [0] * 12
    for pitch in pitches:
        counts[pitch % 12] += 1
    return max(
        range(-5, 7), key=lambda fifths: (sum(counts[(7 * fifths + step) % 12] for step in _MAJOR), -abs(fifths))
    )


def spell(pitch: int, fifths: int) -> Spelling:
    """Return how a pitch is written in a key: the name nearest to the key on the line of fifths."""
    # Position 0 is C; the seven notes of the key are at fifths - 1 ... fifths + 5, the leading tone of its relative
    # minor (G sharp in A minor) at fifths + 8.
    place = next(place for place in range(fifths - 3, fifths + 9) if 7 * place % 12 == pitch % 12)
    letter, alter = _LETTERS[(place + 1) % 7], (place + 1) // 7
    return Spelling(letter, alter, (pitch - alter) // 12 - 1)
