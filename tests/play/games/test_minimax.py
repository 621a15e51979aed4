"""Minimax: positions worked out by hand, tic-tac-toe to its end, and the kernels of Connect Four."""

import pytest
import torch

from axone.play.games.connect_four import ConnectFour, read_position
from axone.play.games.minimax import ILLEGAL, WIN
from axone.play.games.registry import make_game
from axone.play.random import make_keys
from axone.play.simulation import select
from tests.helpers.games import play, random_positions


def test_tic_tac_toe_is_a_draw_and_a_corner_is_answered_by_the_center_only():
    game = make_game("tic_tac_toe")
    state, _outcome = play(game, [0])
    values = game.value_moves(state, 8)[0]
    assert values[0] == ILLEGAL and values[4] == 0
    assert (values[[1, 2, 3, 5, 6, 7, 8]] < -WIN // 2).all()


def test_a_win_is_worth_less_the_later_it_comes():
    game = ConnectFour()
    state = read_position("112233")
    assert game.value_moves(state, 1)[0].eq(WIN).nonzero().flatten().tolist() == [3]
    values = game.value_moves(read_position("4455"), 3)[0]  # columns 3 and 6 make an open row of three
    assert values.eq(WIN - 2).nonzero().flatten().tolist() == [2, 5]


def test_finished_positions_have_no_moves():
    state, _outcome = play(ConnectFour(), [0, 1, 0, 1, 0, 1, 0])
    assert (ConnectFour().value_moves(state, 2) == ILLEGAL).all()
    assert (ConnectFour().value_moves(select(state, []), 2)).shape == (0, 7)


def test_a_search_without_a_move_is_refused():
    game = ConnectFour()
    for body in (game, game.kernels()):
        with pytest.raises(ValueError, match="depth must be at least 1, not 0"):
            body.value_moves(read_position(""), 0)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_the_kernels_of_connect_four_find_the_same_values(depth):
    pytest.importorskip("numba")
    game = ConnectFour()
    for stones in (3, 14, 26, 38):
        state = random_positions(game, 40, stones, seed=depth)
        assert torch.equal(game.value_moves(state, depth), game.kernels().value_moves(state, depth))


def test_values_do_not_depend_on_how_many_positions_fit_into_memory(monkeypatch):
    game = ConnectFour()
    state = random_positions(game, 9, 10)
    whole = game.value_moves(state, 2)
    monkeypatch.setattr("axone.play.games.minimax.LARGEST_LEVEL", 100)
    assert torch.equal(game.value_moves(state, 2), whole)


def test_othello_is_evaluated_by_moves_and_corners():
    game = make_game("othello")
    state = game.reset(make_keys(0, 1))
    assert game.evaluate(state).tolist() == [0]
    state["own"] = state["own"] | (1 << 63) - (1 << 64)
    assert game.evaluate(state).item() >= 7
