"""Positions for the tests of games."""

import torch

from axone.play.games.registry import make_game
from axone.play.random import make_keys


def small_game(name):
    """Return a game by its name, Go on its smallest board."""
    return make_game(name, size=5) if name == "go" else make_game(name)


def play(game, actions, copies=1):
    """Return the state after the same actions in each copy, and the outcome of the last."""
    state, outcome = game.reset(make_keys(0, copies)), None
    for action in actions:
        state, outcome = game.step(state, torch.full((copies,), action))
    return state, outcome


def random_positions(game, copies, moves, seed=0):
    """Return the positions of random games after as many moves; games that ended before are over."""
    from axone.play.games.board_game import choose_random

    keys = make_keys(seed, copies)
    state = game.reset(keys)
    for counter in range(moves):
        actions = choose_random(game.legal_actions(state), keys, torch.full_like(keys, counter))
        state, _outcome = game.step(state, actions)
    return state


def same(one, other):
    """Return whether two states have the same tensors, to the bit: -0 is not 0."""
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and torch.equal(bits_of(one[name]), bits_of(other[name])) for name in one
    )


def bits_of(values):
    return values.view(torch.int32) if values.dtype == torch.float32 else values
