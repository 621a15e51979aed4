"""Answers about positions, which are given by the moves that lead to them."""

from axone.tasks.games.predict import predict_moves, read_inputs
from tests.helpers.self_play import untrained_player


def test_inputs_are_lines_of_moves():
    assert read_inputs("4455", {}) == (["4455"], True)
    assert read_inputs([4455, "4"], {}) == (["4455", "4"], False)


def test_a_won_position_is_recognized_by_the_search_alone():
    player = untrained_player(game="tic_tac_toe", simulations=32)
    won, wrong, over = predict_moves(player.game, player, ["a1 a2 b1 b2", "z", "a1 a2 b1 b2 c1"])
    assert won.label == "c1" and won.probability > 0.3 and "of the points" in won.note
    assert "Move 1" in str(wrong) and "is over" in str(over)
