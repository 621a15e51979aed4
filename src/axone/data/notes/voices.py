"""From the pitches of each step to voices: which note belongs to which voice, and how long it is held.

A set of pitches does not say whether a pitch that continues is held or struck again. Here it is held to the end of the
bar, unless the steps at which all voices begin a note are passed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations_with_replacement
from typing import NamedTuple

from axone.data.notes.score import Frame, Meter, Note, Piece, Score

VOICES = 4  # up to as many notes at a step, each voice has one of them; with more, there are two hands
MIDDLE = 60  # the lowest pitch of the right hand
Assignment = tuple[int, ...]  # the pitch of each voice, from high to low; empty in a silence


class Event(NamedTuple):
    """The notes of one voice at one time, or a rest."""

    start: int  # in steps
    length: int  # in steps
    pitches: tuple[int, ...]  # empty for a rest


Voice = list[Event]  # without gaps


def assign_voices(frames: Sequence[Frame], count: int = VOICES) -> list[Assignment]:
    """Return the pitch of each voice at each step: the voices never cross, and move as little as possible.

    Where there are fewer pitches than voices, some voices have the same one.
    """
    before: Assignment = ()
    result: list[Assignment] = []
    for frame in frames:
        if not frame:
            result.append(())
            continue
        choices = [
            tuple(frame[place] for place in places)
            for places in combinations_with_replacement(range(len(frame)), count)
            if len(set(places)) == len(frame)
        ]
        before = min(choices, key=lambda choice: _movement(choice, before))
        result.append(before)
    return result


def _movement(choice: Assignment, before: Assignment) -> int:
    """Return the semitones of all voices together; the first chord doubles high voices rather than low ones."""
    return sum(abs(a - b) for a, b in zip(choice, before, strict=True)) if before else -sum(choice)


def to_voices(piece: Piece, strikes: Collection[int] | None = None) -> list[Voice]:
    """Return the voices of a piece: four, or two hands with chords where a step has more than four notes.

    Args:
        piece: The piece.
        strikes: The steps at which every voice strikes; None: where a bar begins.
    """
    starts = {step for step, position in enumerate(piece.positions) if position == 0} if strikes is None else strikes
    if max(map(len, piece.frames), default=0) <= VOICES:
        assigned = assign_voices(piece.frames)
        parts = [[chord[voice : voice + 1] for chord in assigned] for voice in range(VOICES)]
    else:
        parts = [
            [tuple(p for p in frame if (p >= MIDDLE) == upper) for frame in piece.frames] for upper in (True, False)
        ]
    return [_join(part, starts) for part in parts]


def _join(pitches: Sequence[tuple[int, ...]], starts: Collection[int]) -> Voice:
    """Join equal steps that follow one another into held notes."""
    voice: Voice = []
    for step, chord in enumerate(pitches):
        if voice and voice[-1].pitches == chord and (step not in starts or not chord):
            voice[-1] = voice[-1]._replace(length=voice[-1].length + 1)
        else:
            voice.append(Event(step, 1, chord))
    return voice


def to_score(voices: Sequence[Voice], piece: Piece, grid: int, tempo: float, title: str = "") -> Score:
    """Return voices as a score: each voice is a part. Two voices with the same note at the same time play it once."""
    notes: list[Note] = []
    taken: set[tuple[int, int]] = set()
    for number, voice in enumerate(voices):
        for start, length, pitches in voice:
            for pitch in pitches:
                if (start, pitch) not in taken:
                    notes.append(Note(start / grid, length / grid, pitch, number))
                    taken.add((start, pitch))
    numerator, denominator = choose_meter(piece.bar, grid)
    upbeat = (piece.bar - piece.positions[0]) / grid if piece.positions and piece.positions[0] else 0.0
    return Score(tuple(sorted(notes)), (Meter(0.0, numerator, denominator),), tempo, upbeat, title)


def choose_meter(steps: int, grid: int) -> tuple[int, int]:
    """Return the time signature of a bar of some steps: quarters if possible, else shorter notes."""
    for denominator in (4, 8, 16, 32):
        if steps * denominator % (4 * grid) == 0 and steps * denominator // (4 * grid) <= 64:
            return steps * denominator // (4 * grid), denominator
    return max(1, round(steps / grid)), 4
