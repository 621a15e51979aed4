"""Pendulum: rewards, the time limit, and torques out of bounds."""

import math

import pytest
import torch

from axone.play.random import make_keys
from axone.play.worlds.pendulum import Pendulum


def make_state(world, angle, steps=0):
    state = world.reset(make_keys(0, 1))
    zero = torch.zeros(1, dtype=torch.float64)
    return {**state, "angle": zero + angle, "angular_velocity": zero, "steps": torch.tensor([steps])}


@pytest.mark.parametrize(
    ("angle", "torque", "reward"), [(0.0, 0.0, 0.0), (math.pi / 2, 1.0, -2.4684), (0.0, 9.0, -0.004)]
)
def test_the_reward_is_less_for_angle_and_torque(angle, torque, reward):
    world = Pendulum()
    _state, outcome = world.step(make_state(world, angle), torch.tensor([[torque]]))
    assert outcome.rewards.item() == pytest.approx(reward, abs=1e-5)


def test_only_the_time_limit_ends_an_episode():
    world = Pendulum()
    for steps, truncated in ((198, False), (199, True)):
        _state, outcome = world.step(make_state(world, 3.0, steps), torch.zeros(1, 1))
        assert outcome.truncated.item() == truncated and not outcome.terminated.item()


def test_the_pendulum_is_drawn_where_it_is():
    world = Pendulum()
    top, bottom = (world.render_image(make_state(world, angle)).float().std(2) for angle in (0.0, math.pi))
    assert top[:180].sum() > 0 and top[250:].sum() == 0
    assert bottom[250:].sum() > 0 and bottom[:150].sum() == 0
