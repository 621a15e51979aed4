"""Acrobot: the goal apart from the time limit, conserved energy, and observations in their space."""

import math

import pytest
import torch

from axone.play.random import make_keys
from axone.play.worlds.acrobot import PARTS, Acrobot


def make_state(world, rows, steps=0):
    state = world.reset(make_keys(0, len(rows)))
    parts = dict(zip(PARTS, torch.tensor(rows).double().T.contiguous()))
    return {**state, **parts, "steps": torch.full_like(state["steps"], steps)}


def energy(state):
    """Return kinetic and potential energy of the two links of 1 m and 1 kg, whose moment of inertia is 1 kg m^2."""
    first, second, speed_1, speed_2 = (state[name] for name in PARTS)
    both = speed_1 + speed_2
    kinetic = 0.5 * (1.25 + 1) * speed_1**2 + 0.5 * 1.25 * both**2 + 0.5 * speed_1 * both * second.cos()
    return kinetic - 9.8 * (1.5 * first.cos() + 0.5 * (first + second).cos())


def test_the_tip_ends_an_episode_and_the_time_limit_truncates_it():
    world = Acrobot()
    state = make_state(world, [[math.pi, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]], steps=499)
    _state, outcome = world.step(state, torch.tensor([1, 1]))
    assert outcome.terminated.tolist() == [True, False] and outcome.truncated.tolist() == [False, True]
    assert outcome.rewards.tolist() == [0, -1]


def test_without_torque_the_energy_stays():
    world = Acrobot()
    state = make_state(world, [[0.5, -0.3, 0.0, 0.0]])
    before = energy(state).item()
    for _step in range(20):
        state, _outcome = world.step(state, torch.tensor([1]))
        assert energy(state).item() == pytest.approx(before, abs=0.02)


def test_observations_stay_in_their_space():
    world = Acrobot()
    state = make_state(world, [[2.0, 1.0, 12.0, -28.0], [0.0, 3.0, -12.0, 28.0]])
    for _step in range(50):
        state, _outcome = world.step(state, torch.tensor([0, 2]))
        seen = world.observe(state)
        assert seen.dtype == torch.float32 and (seen[:, :4].abs() <= 1).all()
        assert (seen[:, 4].abs() <= torch.tensor(4 * math.pi)).all() and (seen[:, 5].abs() <= 9 * math.pi + 1e-5).all()


def test_both_links_are_drawn():
    world = Acrobot()
    hanging = make_state(world, [[0.0, 0.0, 0.0, 0.0]])
    assert world.render_image(hanging)[250:].float().std(2).sum() > 0
    assert world.render_text(hanging) != world.render_text(make_state(world, [[0.0, 1.0, 0.0, 0.0]]))
