"""A game as the functions of a search: whose turn it is, and what is not evaluated."""

import torch

from axone.play.search.game_functions import GameFunctions
from axone.play.search.puct import Puct
from axone.play.search.search import search
from tests.helpers.search import TakeStones


def evaluate(state):
    assert not state["finished"].any()
    return torch.zeros(len(state["player"]), 2), torch.full((len(state["player"]),), 0.25)


def test_the_player_who_moves_next_decides_the_sign():
    game = TakeStones(stones=3)
    state = game.reset(torch.arange(2))
    step = GameFunctions(game, evaluate).advance(state, torch.tensor([0, 1]))
    assert step.discounts.tolist() == [-1, -1] and step.values.tolist() == [0.25, 0.25]
    assert step.legal.tolist() == [[True, True], [True, False]]
    # From two stones and one stone: taking the last one wins, and nothing follows.
    last = GameFunctions(game, evaluate).advance(step.state, torch.tensor([1, 0]))
    assert (last.rewards.tolist(), last.discounts.tolist(), last.values.tolist()) == ([1, 1], [0, 0], [0, 0])


def test_a_player_who_has_to_pass_does_not_change_the_sign():
    game = TakeStones(stones=5, passes=True)
    state = game.reset(torch.arange(1))
    step = GameFunctions(game, evaluate).advance(state, torch.tensor([1]))
    assert step.state["player"].tolist() == [0] and step.discounts.tolist() == [1]


def test_a_search_solves_a_small_game():
    """Who has a multiple of 3 stones loses: from 4 the winning move is to take one, from 5 to take two."""
    game = TakeStones(stones=5)
    state = game.reset(torch.arange(2))
    state["stones"] = torch.tensor([4, 5])
    functions = GameFunctions(game, evaluate)
    rule = Puct(noise_share=0.0, temperature=0.0)
    result = search(
        functions.root(state), functions.advance, simulations=60, rule=rule, legal=game.legal_actions(state)
    )
    assert result.actions.tolist() == [0, 1]
    assert (result.values > 0.5).all()
