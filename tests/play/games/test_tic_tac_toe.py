"""Tic-tac-toe: every line, every position, and OpenSpiel."""

import pytest
import torch
from benchmarks.contenders.open_spiel import compare

from axone.play.games.registry import make_game
from axone.play.games.tic_tac_toe import CELLS, has_line
from tests.helpers.games import play

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]


def test_of_all_sets_of_cells_those_with_a_line_are_known():
    sets = torch.arange(512)
    bits = sum(((sets >> cell) & 1) << bit for cell, bit in enumerate(CELLS))
    expected = [any(all(number >> cell & 1 for cell in line) for line in LINES) for number in range(512)]
    assert has_line(bits).tolist() == expected


def test_a_game_won_and_a_game_drawn():
    game = make_game("tic_tac_toe")
    state, outcome = play(game, [4, 0, 2, 1, 6])
    assert state["finished"].all() and state["result"].item() == 1 and outcome.rewards.item() == 1
    state, outcome = play(game, [0, 4, 8, 1, 7, 6, 2, 5, 3])
    assert state["finished"].all() and state["result"].item() == 0 and outcome.terminated.all()
    assert game.render_text(state) == "3 X O X\n2[X]O O\n1 O X X\n  a b c"


def test_actions_are_named_as_they_are_drawn():
    game = make_game("tic_tac_toe")
    assert [game.describe_action(action) for action in (0, 4, 8)] == ["a3", "b2", "c1"]


def test_it_is_the_game_of_open_spiel():
    pyspiel = pytest.importorskip("pyspiel")
    agreement = compare(make_game("tic_tac_toe"), pyspiel.load_game("tic_tac_toe"), games=100)
    assert agreement.games == 100 and min(agreement.results) > 0
