"""A network as a player: where its search explores, and where not."""

import torch

from axone.play.random import make_keys
from axone.play.search.gumbel import Gumbel
from axone.play.search.puct import Puct
from axone.tasks.games.players import make_rule
from tests.helpers.self_play import tiny_settings, untrained_player


def play_moves(game, moves):
    """Return the position after some moves."""
    state = game.reset(make_keys(0, 1))
    for move in moves:
        state, _outcome = game.step(state, torch.tensor([move]))
    return state


def test_rules_have_noise_where_a_network_learns():
    assert make_rule(tiny_settings(), 9.0, explores=True) == Gumbel(considered=16, scale=1.0, rescale=False)
    assert make_rule(tiny_settings(), 9.0, explores=False) == Gumbel(considered=16, scale=0.0, rescale=False)
    puct = make_rule(tiny_settings(rule="puct"), 5.0, explores=True)
    assert isinstance(puct, Puct) and puct.noise_alpha == 2.0 and puct.noise_share > 0 and puct.temperature == 1
    quiet = make_rule(tiny_settings(rule="puct"), 5.0, explores=False)
    assert isinstance(quiet, Puct) and quiet.noise_share == quiet.temperature == 0


def test_a_player_sees_each_position_from_both_sides():
    player = untrained_player(game="connect_four")
    game = player.game
    left, right = (play_moves(game, moves) for moves in ([0, 1, 3], [6, 5, 3]))
    policies = [player.search(state).policy for state in (left, right)]
    torch.testing.assert_close(policies[0], policies[1].flip(1))
    assert (policies[0] - policies[0].flip(1)).abs().max() > 0.01
