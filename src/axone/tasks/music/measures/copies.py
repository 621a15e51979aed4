"""The longest passage of a piece that is copied from the training pieces, in any key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from axone.data.notes.score import Frame

LONG_RUN = 8  # quarters: one chord that stays for longer is said


class Copy(NamedTuple):
    """A passage of one piece that another one has, too."""

    steps: int
    start: int  # the first step of the passage
    source: int  # the training piece; -1: there is no common passage


def relative_steps(frames: Sequence[Frame]) -> list[tuple[int, ...]]:
    """Return each step as the move of its highest note and the intervals below it, which are the same in any key."""
    result, top = [], 0
    for frame in frames:
        move = frame[0] - top if frame else 0
        result.append((move, *(frame[0] - pitch for pitch in frame)))
        top = frame[0] if frame else top
    return result


def find_longest_copy(frames: Sequence[Frame], training: Sequence[Sequence[Frame]]) -> Copy:
    """Return the longest passage of a piece that is in a training piece, too, perhaps in another key.

    Passages in which one chord stays are not found: two steps at least must differ.
    """
    own, known = relative_steps(frames), [relative_steps(piece) for piece in training]
    best = Copy(0, 0, -1)
    low, high = 1, len(own) - 1
    # A passage of n + 1 steps contains one of n, so that the longest is found by bisection.
    while low <= high:
        middle = (low + high) // 2
        match = _find(own, known, middle)
        if match is None:
            high = middle - 1
        else:
            best, low = match, middle + 1
    return best


def _find(own: Sequence[tuple[int, ...]], known: Sequence[Sequence[tuple[int, ...]]], moves: int) -> Copy | None:
    """Return a common passage with a number of moves from a step to the next, or None."""

    def passages(steps: Sequence[tuple[int, ...]]) -> list[tuple[tuple[int, ...], ...]]:
        # The first step counts without its move, which depends on what comes before.
        return [(steps[start][1:], *steps[start + 1 : start + 1 + moves]) for start in range(len(steps) - moves)]

    places: dict[tuple[tuple[int, ...], ...], int] = {}
    for start, passage in enumerate(passages(own)):
        if any(step != (0, *passage[0]) for step in passage[1:]):  # not one chord that stays
            places.setdefault(passage, start)
    for number, piece in enumerate(known):
        for passage in passages(piece):
            if passage in places:
                return Copy(moves + 1, places[passage], number)
    return None


def longest_stay(frames: Sequence[Frame]) -> int:
    """Return the longest run of equal steps."""
    longest = run = 0
    before: Frame | None = None
    for frame in frames:
        run = run + 1 if frame == before else 1
        longest, before = max(longest, run), frame
    return longest
