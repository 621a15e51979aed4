"""The kernels of all worlds: the bits of the tensor functions, through whole episodes."""

import pytest
import torch

from axone.play.batch import Worlds
from axone.play.block import BlockWorld
from axone.play.bodies import choose_body
from axone.play.random import make_keys
from axone.play.spaces import Discrete
from axone.play.worlds.registry import WORLDS, make_world

NAMES = [name for name in WORLDS if isinstance(choose_body(make_world(name)), BlockWorld)]


def random_actions(world, steps, copies, seed=1):
    generator = torch.Generator().manual_seed(seed)
    if isinstance(world.actions, Discrete):
        return torch.randint(world.actions.count, (steps, copies), generator=generator)
    return (torch.rand(steps, copies, *world.actions.shape, generator=generator) * 2 - 1) * 1.2 * world.actions.high


def assert_same(first, second):
    assert all(torch.equal(one, other) for one, other in zip(first, second))


@pytest.mark.parametrize("name", NAMES)
def test_batches_are_equal_to_the_bit(name):
    world = make_world(name)
    tensors, kernels = (Worlds(world, 13, seed=2, body=body) for body in ("torch", "numba"))
    for batch in (tensors, kernels):  # near the time limit, so that it is met, too
        saved = batch.state_dict()
        saved["state"]["steps"] = saved["state"]["steps"] + world.max_steps - 40
        batch.load_state_dict(saved)
    ended = 0
    for actions in random_actions(world, 120, 13):
        first, second = tensors.step(actions), kernels.step(actions)
        assert_same(first, second)
        ended += int(first.truncated.sum() + first.terminated.sum())
    assert ended >= 13
    assert_same(tensors.state.values(), kernels.state.values())
    actions = random_actions(world, 40, 13, seed=5)
    assert_same(tensors.play(actions), kernels.play(actions))
    assert torch.equal(tensors.episodes, kernels.episodes)
    assert torch.equal(tensors.observations, kernels.observations)
    assert_same(tensors.final_state.values(), kernels.final_state.values())


@pytest.mark.parametrize("name", NAMES)
def test_functions_are_equal_to_the_bit_and_change_no_argument(name):
    world = make_world(name)
    kernels = choose_body(world, body="numba")
    state = world.reset(make_keys(3, 7))
    assert_same(state.values(), kernels.reset(make_keys(3, 7)).values())
    for actions in random_actions(world, 10, 7):
        before = {part: values.clone() for part, values in state.items()}
        after, outcome = kernels.step(state, actions)
        assert_same(before.values(), state.values())
        expected, expected_outcome = world.step(state, actions)
        assert after.keys() == expected.keys() == state.keys()
        assert all(torch.equal(after[part], expected[part]) for part in expected)
        assert_same(outcome, expected_outcome)
        assert torch.equal(world.observe(expected), kernels.observe(after))
        state = expected


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_batch_continues_with_the_other_body(name):
    world = make_world(name)
    actions = random_actions(world, 60, 4)
    kernels, tensors = Worlds(world, 4, body="numba"), Worlds(world, 4, seed=7, body="torch")
    for row in actions[:30]:
        kernels.step(row)
    tensors.load_state_dict(kernels.state_dict())
    for row in actions[30:]:
        assert_same(kernels.step(row), tensors.step(row))


def test_a_fallen_pole_takes_the_way_of_large_angles():
    world = make_world("cart_pole")
    kernels = choose_body(world, body="numba")
    state = world.reset(make_keys(0, 3))
    state["angle"] = torch.tensor([0.1, 2.0, -9.0], dtype=torch.float64)
    actions = torch.tensor([0, 1, 1])
    for _step in range(5):
        expected, _outcome = world.step(state, actions)
        assert_same(expected.values(), kernels.step(state, actions)[0].values())
        state = expected
