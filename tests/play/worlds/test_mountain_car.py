"""MountainCar: the goal apart from the time limit, the wall on the left, and the price of a push."""

import torch

from axone.play.random import make_keys
from axone.play.worlds.mountain_car import MountainCar, MountainCarContinuous


def make_state(world, positions, velocities, steps=0):
    state = world.reset(make_keys(0, len(positions)))
    parts = {"position": torch.tensor(positions).double(), "velocity": torch.tensor(velocities).double()}
    return {**state, **parts, "steps": torch.full_like(state["steps"], steps)}


def test_the_goal_ends_an_episode_and_the_time_limit_truncates_it():
    world = MountainCar()
    _state, outcome = world.step(make_state(world, [0.49, -0.5], [0.05, 0.0], steps=199), torch.tensor([2, 1]))
    assert outcome.terminated.tolist() == [True, False] and outcome.truncated.tolist() == [False, True]
    assert outcome.rewards.tolist() == [-1, -1]


def test_the_wall_stops_the_car():
    world = MountainCar()
    state, _outcome = world.step(make_state(world, [-1.19], [-0.07]), torch.tensor([0]))
    assert state["position"].item() == -1.2 and state["velocity"].item() == 0


def test_the_continuous_form_pays_for_pushes_and_rewards_the_goal():
    world = MountainCarContinuous()
    assert world.max_steps == 999
    actions = torch.tensor([[0.0], [1.0], [-2.0]])
    _state, outcome = world.step(make_state(world, [0.44, -0.5, -0.5], [0.06, 0.0, 0.0]), actions)
    torch.testing.assert_close(outcome.rewards, torch.tensor([100.0, -0.1, -0.4]))


def test_observations_stay_in_their_space():
    world = MountainCar()
    state = make_state(world, [-1.2, 0.6], [-0.07, 0.07])
    for _step in range(50):
        state, _outcome = world.step(state, torch.tensor([0, 2]))
        seen = world.observe(state)
        assert seen.dtype == torch.float32
        assert seen.min() >= torch.tensor(world.observations.low) and seen.max() <= torch.tensor(
            world.observations.high
        )


def test_the_car_is_drawn_where_it_is():
    world = MountainCar()
    assert world.render_image(make_state(world, [-0.5], [0.0])).shape == (263, 400, 3)
    assert world.render_text(make_state(world, [-0.5], [0.0])) != world.render_text(make_state(world, [0.3], [0.0]))
