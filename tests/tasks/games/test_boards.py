"""Drawn boards as one array."""

import numpy as np

from axone.tasks.games.boards import stack_boards


def test_boards_of_different_heights_are_stacked():
    stacked = stack_boards([np.zeros((4, 3, 3), dtype=np.uint8), np.zeros((5, 3, 3), dtype=np.uint8)])
    assert stacked.shape == (2, 5, 3, 3) and (stacked[0, 4] == 255).all() and not stacked[1].any()
