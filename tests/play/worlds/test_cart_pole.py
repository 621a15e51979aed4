"""CartPole: equal to Gymnasium's step for step, and the time limit apart from a fall."""

import gymnasium
import numpy
import torch

from axone.play.random import make_keys
from axone.play.worlds.cart_pole import PARTS, CartPole


def set_state(state, values):
    """Return the state with the four parts of one copy set to Gymnasium's."""
    return {**state, **{name: torch.tensor([value], dtype=torch.float64) for name, value in zip(PARTS, values)}}


def test_equal_to_gymnasium_over_whole_episodes():
    world, other = CartPole(), gymnasium.make("CartPole-v1")
    random = numpy.random.default_rng(0)
    other.reset(seed=0)
    state = set_state(world.reset(make_keys(0, 1)), other.unwrapped.state)
    for _step in range(1000):
        action = int(random.integers(2))
        state, outcome = world.step(state, torch.tensor([action]))
        seen, reward, terminated, _truncated, _info = other.step(action)
        assert abs(world.observe(state)[0].numpy() - seen).max() < 1e-5
        assert outcome.rewards.item() == reward and outcome.terminated.item() == terminated
        if terminated:
            other.reset()
            state = set_state(world.reset(make_keys(0, 1)), other.unwrapped.state)


def test_the_time_limit_is_no_fall():
    world = CartPole()
    state = {**world.reset(make_keys(0, 2)), "steps": torch.tensor([499, 499])}
    state["angle"][1] = 0.3
    _state, outcome = world.step(state, torch.tensor([0, 1]))
    assert outcome.truncated.tolist() == [True, False] and outcome.terminated.tolist() == [False, True]


def test_first_states_fill_their_range():
    state = CartPole().reset(make_keys(0, 2000))
    for name in PARTS:
        assert -0.05 <= state[name].min() < -0.049 and 0.049 < state[name].max() <= 0.05
