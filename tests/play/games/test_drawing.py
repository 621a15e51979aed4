"""Boards as text and as images: coordinates, the last move, visits."""

import numpy as np
import pytest

from axone.play.games.drawing import PALETTES, Board, draw_image, draw_text, star_points
from axone.play.games.registry import GAMES, make_game
from axone.play.random import make_keys
from tests.helpers.games import play, random_positions, small_game


def small_board(**fields):
    defaults = {"rows": ((0, 1), (2, 0)), "columns": ("a", "b"), "lines": ("2", "1"), "last": (0, 1)}
    cells = ((0, 0), (0, 1), (1, 0), (1, 1), None)
    return Board(**defaults | {"action_cells": cells, "style": "points", "action_names": ((4, "pass"),)} | fields)


def test_text_has_coordinates_and_the_last_move():
    assert draw_text(small_board()) == "2 .[X]\n1 O .\n  a b"
    assert draw_text(small_board(last=None)) == "2 . X\n1 O .\n  a b"


def test_visits_are_percentages_in_cells_and_below():
    text = draw_text(small_board(), [0.7, 0.0, 0.0, 0.004, 0.296])
    assert text == "2  70  [X]\n1   O   .\n    a   b\npass: 30 %"


def test_visits_of_columns_are_above():
    game = make_game("connect_four")
    lines = draw_text(game.view(play(game, [3])[0]), [0.1, 0, 0, 0.8, 0, 0, 0.1]).splitlines()
    assert lines[0] == "  10          80          10"
    assert lines[6] == "   .   .   .  [X]  .   .   ."


@pytest.mark.parametrize("name", GAMES)
def test_images_differ_by_move_and_mark_the_last(name):
    game = small_game(name)
    before = game.render_image(game.reset(random_positions(game, 1, 0)["player"])).numpy()
    after = game.render_image(random_positions(game, 1, 1)).numpy()
    assert before.dtype == np.uint8 and before.shape == after.shape and before.shape[2] == 3
    ring = PALETTES[game.view(game.reset(make_keys(0, 1))).style].ring
    assert not (before == ring).all(2).any() and (after == ring).all(2).any()


def test_visits_change_an_image():
    board = small_board()
    assert not np.array_equal(draw_image(board), draw_image(board, [1.0, 0, 0, 0, 0]))


def test_a_pass_is_written_below_an_image():
    board = small_board()
    without, with_pass = draw_image(board, [1.0, 0, 0, 0, 0]), draw_image(board, [0.5, 0, 0, 0, 0.5])
    assert with_pass.shape[0] > without.shape[0] and (with_pass[without.shape[0] :] < 200).any()


def test_star_points_are_those_of_go():
    assert star_points(5, 5) == [] and star_points(6, 7) == []
    assert sorted(star_points(9, 9)) == [(2, 2), (2, 6), (4, 4), (6, 2), (6, 6)]
    assert len(star_points(19, 19)) == 9 and (3, 15) in star_points(19, 19) and (9, 9) in star_points(19, 19)
