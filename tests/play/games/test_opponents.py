"""Opponents without training, and matches between them."""

import pytest
import torch

from axone.play.games.opponents import minimax_player, play_match, random_player
from axone.play.games.registry import GAMES, make_game
from tests.helpers.games import same, small_game


def test_looking_far_ahead_never_loses_tic_tac_toe():
    game = make_game("tic_tac_toe")
    far = minimax_player(game, 6)
    match = play_match(game, far, random_player(game), 10)
    assert match.results.min() >= 0 and match.score > 0.8
    assert play_match(game, far, far, 4).results.tolist() == [0] * 4


def test_looking_further_wins_connect_four():
    game = make_game("connect_four")
    match = play_match(game, minimax_player(game, 3), minimax_player(game, 1), 20)
    assert match.score > 0.7
    assert play_match(game, random_player(game), minimax_player(game, 2), 20).score < 0.2


@pytest.mark.parametrize("name", GAMES)
def test_players_begin_in_turn_and_the_seed_decides(name):
    game = small_game(name)
    match = play_match(game, random_player(game), random_player(game), 9, seed=4)
    assert torch.equal(match.results, match.state["result"] * torch.tensor([1.0] * 5 + [-1.0] * 4))
    again = play_match(game, random_player(game), random_player(game), 9, seed=4)
    other = play_match(game, random_player(game), random_player(game), 9, seed=5)
    assert same(match.state, again.state) and not same(match.state, other.state)
    assert match.moves.min() > 1 and len(match.moves) == 9


def test_choices_are_random_among_the_best():
    game = make_game("tic_tac_toe")
    state = game.reset(torch.arange(60))
    actions = minimax_player(game, 1)(state, torch.arange(60), torch.zeros(60, dtype=torch.int64))
    assert len(actions.unique()) > 5
