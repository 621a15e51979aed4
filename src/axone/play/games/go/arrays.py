"""What the kernels of Go read and change, as named tuples of arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Array = np.ndarray


class Games(NamedTuple):
    """The arrays of a state, by the names in it; without superko, `filter` is an array that is not read."""

    board: Array
    chains: Array
    liberties: Array
    hash: Array
    history: Array
    filter: Array
    ko: Array
    last: Array
    moves: Array
    player: Array
    finished: Array
    result: Array


class Rules(NamedTuple):
    """What is the same for all games: the settings of `Go` and the tables of its size."""

    size: int
    komi: float
    max_moves: int
    is_strict: bool  # positional superko
    loses: bool  # who repeats a position
    liberty: Array
    zobrist: Array


class Space(NamedTuple):
    """Space for the work on one game: arrays with an element for each point of the padded board.

    Args:
        in_atari: Whether the chain with this number has one liberty.
        helps: Whether a stone next to the point has a liberty by it.
        above: The values of `helps` of the neighbors above, and so on: views of the same memory.
        left: To the left.
        right: To the right.
        below: Below.
        legal: Whether the point may be played.
        removed: The points of captured stones.
    """

    in_atari: Array
    helps: Array
    above: Array
    left: Array
    right: Array
    below: Array
    legal: Array
    removed: Array
