"""A small generated data set: cadences in four voices in all keys, for trying things out without any file or library.

Chords follow one another by the rules of a table, and the upper voices move as little as possible to the nearest notes
of the next chord, so that it is known what there is to learn.
"""

from __future__ import annotations

import torch

from axone.data.notes.score import Frame, Piece
from axone.data.random import make_generator

PIECES, BARS, BEATS = 120, 8, 4
_SCALE = (0, 2, 4, 5, 7, 9, 11)
# Degree (1 is the tonic) -> the degrees that may follow it.
_NEXT = {1: (4, 5, 6, 2), 2: (5, 7), 4: (5, 2, 1), 5: (1, 6), 6: (4, 2), 7: (1,)}
_CENTER = (72, 67, 60)  # around which the upper voices are


def make_cadences(pieces: int = PIECES, seed: int = 0) -> list[Piece]:
    """Return pieces with a chord at each quarter; every fourth bar ends on the tonic."""
    return [_make_piece(number, seed) for number in range(pieces)]


def _make_piece(number: int, seed: int) -> Piece:
    generator = make_generator("cadences", seed, number)
    key = int(torch.randint(12, (1,), generator=generator))
    degree = 1
    upper: tuple[int, ...] = _CENTER
    frames: list[Frame] = []
    for beat in range(BARS * BEATS):
        if beat % (4 * BEATS) == 4 * BEATS - 1 or beat == 0:
            degree = 1
        elif beat % (4 * BEATS) == 4 * BEATS - 2:
            degree = 5
        else:
            choices = _NEXT[degree]
            degree = choices[int(torch.randint(len(choices), (1,), generator=generator))]
        chord = [(key + _SCALE[(degree - 1 + third) % 7]) % 12 for third in (0, 2, 4)]
        upper = _move(upper, chord)
        bass = 48 - (48 - chord[0]) % 12
        frames.append(tuple(sorted({*upper, bass}, reverse=True)))
    return Piece(tuple(frames), tuple(beat % BEATS for beat in range(len(frames))), f"cadence {number + 1}", BEATS)


def _move(upper: tuple[int, ...], chord: list[int]) -> tuple[int, ...]:
    """Return the upper voices on the notes of the next chord, each note of the chord once, as near as possible."""
    choices = []
    for turn in range(3):
        voices: list[int] = []
        for voice, before in enumerate(upper):
            middle = (before + _CENTER[voice]) // 2
            pitch = middle + (chord[(turn + voice) % 3] - middle + 6) % 12 - 6
            voices.append(pitch)
        choices.append(tuple(sorted(voices, reverse=True)))
    return min(choices, key=lambda choice: sum(abs(a - b) for a, b in zip(choice, upper, strict=True)))
