"""The kernels are equal to the tensor operations, to the bit, on all sizes and by all conventions."""

import pytest
import torch

from axone.play.bodies import choose_body
from axone.play.games.go import Go
from axone.play.random import make_keys
from axone.play.simulation import select
from tests.helpers.games import same
from tests.helpers.go import play_randomly, random_moves

CONVENTIONS = [("situational", "tie"), ("situational", "loss"), ("positional", "tie")]


@pytest.mark.parametrize(("ko", "repetition"), CONVENTIONS)
@pytest.mark.parametrize("size", [5, 7, 9, 13, 19])
def test_all_that_a_game_computes_is_equal(size, ko, repetition):
    game = Go(size, komi=7.0 if size == 7 else 7.5, ko=ko, repetition=repetition)
    compiled = choose_body(game, body="numba")
    keys = make_keys(size, 24 if size < 19 else 6)
    state, other = game.reset(keys), compiled.reset(keys)
    for move in range(game.max_moves):
        actions = random_moves(game, state, keys, move)
        assert torch.equal(game.legal_actions(state), compiled.legal_actions(other))
        state, outcome = game.step(state, actions)
        other, other_outcome = compiled.step(other, actions)
        assert same(state, other)
        assert all(torch.equal(one, two) for one, two in zip(outcome, other_outcome))
        if state["finished"].all():
            break
    assert state["finished"].all()


@pytest.mark.parametrize("ko", ["situational", "positional"])
def test_playouts_are_equal(ko):
    game = Go(7, ko=ko)
    keys = make_keys(1, 16)
    start = play_randomly(game, copies=16, moves=10)
    (state, moves), (other, other_moves) = game.playout(start, keys), game.kernels().playout(start, keys)
    assert same(state, other) and torch.equal(moves, other_moves) and state["finished"].all()


def test_states_that_are_not_contiguous_are_copied():
    compiled = Go(5).kernels()
    state = play_randomly(compiled, copies=8, moves=5)
    strided = select(state, slice(None, None, 2))
    after, _outcome = compiled.step(strided, torch.full((4,), 25))
    expected, _outcome = compiled.step(select(state, torch.arange(0, 8, 2)), torch.full((4,), 25))
    assert same(after, expected)
