"""Minimax search of a fixed depth for Connect Four as numba kernels, with alpha-beta pruning."""

from __future__ import annotations

from numpy import empty, int64, ndarray

from axone.play.compilation import inlined, kernel
from axone.play.games.kernels.common import count_bits
from axone.play.games.kernels.connect_four import FULL, move
from axone.play.games.kernels.connect_four_solver import ORDER, cells_that_win
from axone.play.games.minimax import ILLEGAL, WIN

OWN, OTHER, LOW, HIGH, BEST, NEXT = range(6)  # the columns of the stack
MOST_MOVES = 43


@inlined
def evaluate(own: int, other: int) -> int:
    """Return how many more cells would complete four stones for the player to move."""
    return count_bits(cells_that_win(own, other)) - count_bits(cells_that_win(other, own))


@inlined
def set_frame(frame: ndarray, own: int, other: int, low: int, high: int) -> None:
    """Put a position on the stack: its value matters between `low` and `high`."""
    frame[OWN], frame[OTHER], frame[LOW], frame[HIGH], frame[BEST], frame[NEXT] = own, other, low, high, ILLEGAL, 0


@inlined
def add_score(frame: ndarray, score: int) -> None:
    """Take the value of one more move of a position into account."""
    frame[BEST] = max(frame[BEST], score)
    frame[LOW] = max(frame[LOW], score)


@inlined
def search(own: int, other: int, depth: int, stack: ndarray) -> int:
    """Return the value of a position after the first of `depth` moves, for the player to move.

    Positions on the way are on a stack of our own: numba cannot store compiled recursive functions (numba#6061).

    Args:
        own: The stones of the player to move.
        other: The opponent's stones.
        depth: The number of moves that are searched, the first one included; at least 2.
        stack: A row for each number of moves before a position.
    """
    level = 1
    set_frame(stack[level], own, other, ILLEGAL, -ILLEGAL)
    while True:
        frame = stack[level]
        if frame[NEXT] == len(ORDER) or frame[BEST] >= frame[HIGH]:
            if level == 1:
                return frame[BEST]
            level -= 1
            add_score(stack[level], -frame[BEST])
            continue
        column = ORDER[frame[NEXT]]
        frame[NEXT] += 1
        if (frame[OWN] | frame[OTHER]) >> (7 * column + 5) & 1:
            continue
        following, moved, value, ended = move(frame[OWN], frame[OTHER], column)
        if value:
            add_score(frame, WIN - level)
        elif ended:
            add_score(frame, 0)
        elif level == depth - 1:
            add_score(frame, -evaluate(following, moved))
        else:
            level += 1
            set_frame(stack[level], following, moved, -frame[HIGH], -frame[LOW])


@kernel
def value_moves(finished: ndarray, own: ndarray, other: ndarray, depth: ndarray, values: ndarray) -> None:
    """Write the value of each move for the player who makes it, int64 [copies, 7]."""
    stack = empty((MOST_MOVES, 6), dtype=int64)
    for copy in range(len(own)):
        taken = FULL if finished[copy] else own[copy] | other[copy]
        for column in range(7):
            if taken >> (7 * column + 5) & 1:
                values[copy, column] = ILLEGAL
                continue
            following, moved, value, ended = move(own[copy], other[copy], column)
            if value:
                values[copy, column] = WIN
            elif ended:
                values[copy, column] = 0
            elif depth[0] == 1:
                values[copy, column] = -evaluate(following, moved)
            else:
                values[copy, column] = -search(following, moved, depth[0], stack)
