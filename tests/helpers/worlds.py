"""Comparing the two bodies of a world: tensor operations and kernels, step for step and bit for bit."""

from __future__ import annotations

import torch

from axone.play.batch import Worlds
from axone.play.random import make_keys, random_integers, uniform
from axone.play.simulation import World
from axone.play.spaces import Discrete


def random_actions(world: World, copies: int, count: int) -> torch.Tensor:
    """Draw actions for a step: [copies], or [copies, *shape] beyond the bounds now and then."""
    keys, counts = make_keys(77, copies), torch.tensor(count)
    if isinstance(world.actions, Discrete):
        return random_integers(keys, counts, world.actions.count)
    size = world.actions.shape[0]
    numbers = uniform(keys[:, None], counts * size + torch.arange(size))
    return (numbers * 2.4 - 1.2).float()


def compare_bodies(world: World, copies: int = 64, steps: int = 300) -> int:
    """Play the same actions with both bodies; return the number of episodes that ended. Fails where a bit differs."""
    first = Worlds(world, copies, seed=5, body="torch")
    second = Worlds(world, copies, seed=5, body="numba")
    assert type(second.world) is not type(first.world)
    ended = 0
    for count in range(steps):
        actions = random_actions(world, copies, count)
        before = {name: values.clone() for name, values in second.state.items()}
        state = second.state
        results = first.step(actions), second.step(actions)
        for name, expected, actual in zip(results[0]._fields, *results):
            assert expected.dtype == actual.dtype and torch.equal(expected, actual), f"{name} in step {count}"
        for name, values in first.state.items():
            assert values.dtype == second.state[name].dtype, name
            assert torch.equal(values, second.state[name]), f"state {name} in step {count}"
        assert all(torch.equal(before[name], state[name]) for name in state), f"an argument was changed in step {count}"
        ended += int((results[0].terminated | results[0].truncated).sum())
    return ended
