"""The kernels of each game compute the bits of the tensor operations."""

import pytest
import torch

from axone.play.bodies import choose_body
from axone.play.games.registry import GAMES
from axone.play.random import make_keys
from axone.play.simulation import select
from tests.helpers.games import same, small_game

pytest.importorskip("numba")


@pytest.fixture(params=GAMES)
def bodies(request):
    game = small_game(request.param)
    kernels = choose_body(game)
    assert isinstance(kernels, type(game)) and type(kernels) is not type(game)
    return game, kernels


def test_every_position_of_random_games_is_the_same(bodies):
    game, kernels = bodies
    keys = make_keys(2, 40)
    state = other = game.reset(keys)
    for counter in range(game.max_moves + 1):
        assert torch.equal(game.legal_actions(state), kernels.legal_actions(other))
        assert torch.equal(game.observe(state), kernels.observe(other))
        counters = torch.full_like(keys, counter)
        actions = game.random_actions(state, keys, counters)
        assert torch.equal(actions, kernels.random_actions(other, keys, counters))
        (state, outcome), (other, other_outcome) = game.step(state, actions), kernels.step(other, actions)
        assert same(state, other) and same(outcome._asdict(), other_outcome._asdict())
        if state["finished"].all():
            break
    assert state["finished"].all() and len(state["result"].unique()) > 1


def test_playouts_are_the_same(bodies):
    game, kernels = bodies
    keys = make_keys(4, 50)
    one, other = game.playout(game.reset(keys), keys), kernels.playout(game.reset(keys), keys)
    assert same(one.state, other.state) and torch.equal(one.moves, other.moves)
    again = kernels.playout(one.state, keys)
    assert same(again.state, one.state) and not again.moves.any()


def test_kernels_change_no_arguments_and_take_any_layout(bodies):
    game, kernels = bodies
    keys = make_keys(6, 20)
    state = game.reset(keys)
    for _ in range(3):
        state, _outcome = game.step(state, game.random_actions(state, keys, torch.zeros_like(keys)))
    before = {name: values.clone() for name, values in state.items()}
    every_second = select(state, slice(None, None, 2))
    actions = game.random_actions(state, keys, torch.ones_like(keys))
    one, other = game.step(every_second, actions[::2])[0], kernels.step(every_second, actions[::2])[0]
    kernels.playout(every_second, keys[::2])
    assert same(one, other) and same(state, before)
