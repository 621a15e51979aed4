"""Put notes on a grid of equal steps, and count what does not fit.

A start near a step (a quarter of a step at most) is moved to it. A note that starts between two steps counts from the
next one on, as if the music were sampled at the steps; if it has ended by then, it is left out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from axone.data.notes.score import Frame, Meter, Piece, Score

NEAR = 0.25  # steps


class Quantized(NamedTuple):
    """A piece on a grid, and what did not fit."""

    piece: Piece
    notes: int
    between: int  # notes that start between two steps
    left_out: int  # of them, notes that end before the next step


def quantize(score: Score, grid: int, name: str = "") -> Quantized:
    """Return the pitches that sound at each step of a score.

    The piece begins with the first note, and ends with the last.

    Args:
        score: The score.
        grid: Steps in a quarter.
        name: The name of the piece.
    """
    spans: list[tuple[int, int, int]] = []
    between = left_out = 0
    for note in score.notes:
        start, end = note.start * grid, (note.start + note.length) * grid
        first = round(start)
        if abs(start - first) > NEAR:
            between += 1
            first = math.ceil(start)
            if round(end) <= first:
                left_out += 1
                continue
        spans.append((first, max(first + 1, round(end)), note.pitch))
    begin = min((span[0] for span in spans), default=0)
    steps = max((span[1] for span in spans), default=0) - begin
    sounding: list[set[int]] = [set() for _step in range(steps)]
    for first, end, pitch in spans:
        for step in range(first - begin, end - begin):
            sounding[step].add(pitch)
    frames: tuple[Frame, ...] = tuple(tuple(sorted(pitches, reverse=True)) for pitches in sounding)
    positions = find_positions(score, grid, begin, steps)
    bar = max(1, round(score.meters[0].bar * grid))
    return Quantized(Piece(frames, positions, name, bar), len(score.notes), between, left_out)


def find_positions(score: Score, grid: int, begin: int, steps: int) -> tuple[int, ...]:
    """Return the position in its bar of each of `steps` steps from the step `begin` on."""
    meters = list(score.meters) or [Meter(0.0)]
    starts = [round((meter.start + (score.upbeat if meter.start == 0 else 0)) * grid) for meter in meters]
    positions, current = [], 0
    for step in range(begin, begin + steps):
        while current + 1 < len(meters) and step >= starts[current + 1]:
            current += 1
        bar = max(1, round(meters[current].bar * grid))
        positions.append((step - starts[current]) % bar)
    return tuple(positions)
