"""The piano roll."""

from __future__ import annotations

import numpy as np

from axone.tasks.music.drawings.piano_roll import LEFT, MOST_WIDTH, color_surprise, draw_piano_roll, to_pixels
from tests.helpers.data.music import small_piece


def test_surprise_changes_the_colors_and_long_pieces_are_cut():
    piece = small_piece(8)
    plain = to_pixels(draw_piano_roll(piece, 1))
    red = to_pixels(draw_piano_roll(piece, 1, {(0, piece.frames[0][0]): 9.0}))
    assert plain.shape == red.shape
    assert not np.array_equal(plain, red)
    assert (red == color_surprise(9.0)).all(2).any()
    assert draw_piano_roll(small_piece(5000), 1).width <= MOST_WIDTH + LEFT + 8
    assert color_surprise(-1.0) == color_surprise(0.0) != color_surprise(99.0)
