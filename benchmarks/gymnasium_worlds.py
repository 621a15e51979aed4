"""Our worlds, step for step with Gymnasium's: the first state of each episode is copied from there."""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium
import numpy
import torch

from axone.play.random import make_keys
from axone.play.simulation import State, World
from axone.play.spaces import Discrete

# World -> Gymnasium's name, and the parts of our state in the order of its own.
PEERS = {
    "cart_pole": ("CartPole-v1", ("position", "velocity", "angle", "angular_velocity")),
    "mountain_car": ("MountainCar-v0", ("position", "velocity")),
    "mountain_car_continuous": ("MountainCarContinuous-v0", ("position", "velocity")),
    "acrobot": ("Acrobot-v1", ("angle_1", "angle_2", "angular_velocity_1", "angular_velocity_2")),
    "pendulum": ("Pendulum-v1", ("angle", "angular_velocity")),
}


class Comparison(NamedTuple):
    """What was compared, and the largest differences.

    Args:
        steps: The number of steps.
        episodes: The number of episodes that ended.
        observation: The largest difference of an observation's number.
        reward: The largest difference of a reward.
        flags: The number of steps whose terminated or truncated flags differ.
    """

    steps: int
    episodes: int
    observation: float
    reward: float
    flags: int


def compare(world: World, steps: int, *, seed: int = 0, every: int = 0) -> Comparison:
    """Play the same actions in both and return the differences.

    Actions are random. Half of the episodes repeat each action for a random number of steps up to 20, so that episodes
    end in all ways. Gymnasium may report a time limit in the same step as the end of an episode by the rules; ours
    reports only the latter.

    Args:
        world: Our world, with either body.
        steps: The number of steps.
        seed: The seed of the first states and of the actions.
        every: Copy Gymnasium's state anew after as many steps; 0: only at the start of an episode. A chaotic world
            enlarges the difference of the last bit until nothing is equal.
    """
    name, parts = PEERS[world.name]
    peer = gymnasium.make(name)
    random = numpy.random.default_rng(seed)
    episodes = flags = repeat = 0
    observation_error = reward_error = 0.0
    state: State | None = None
    for step in range(steps):
        if state is None:
            peer.reset(seed=seed + step)
            state = copy_state(world.reset(make_keys(seed, 1)), peer, parts)
        elif every and step % every == 0:
            state = copy_state(state, peer, parts)
        if repeat == 0:
            repeat = 1 + int(random.integers(20)) * (episodes % 2)
            action, ours = random_action(world, random)
        repeat -= 1
        state, outcome = world.step(state, ours)
        seen, reward, terminated, truncated, _info = peer.step(action)
        observation_error = max(observation_error, float(abs(world.observe(state)[0].numpy() - seen).max()))
        reward_error = max(reward_error, abs(outcome.rewards.item() - float(reward)))
        same = outcome.terminated.item() == terminated and outcome.truncated.item() == (truncated and not terminated)
        flags += not same
        if terminated or truncated:
            episodes += 1
            state = None
    return Comparison(steps, episodes, observation_error, reward_error, flags)


def copy_state(state: State, peer: gymnasium.Env, parts: tuple[str, ...]) -> State:
    """Return our state of one copy with Gymnasium's numbers."""
    values = zip(parts, peer.unwrapped.state)
    return state | {part: torch.tensor([float(value)], dtype=torch.float64) for part, value in values}


def random_action(world: World, random: numpy.random.Generator) -> tuple[Any, torch.Tensor]:
    """Return a random action as Gymnasium expects it, and as we do; real numbers may be out of bounds."""
    if isinstance(world.actions, Discrete):
        action = int(random.integers(world.actions.count))
        return action, torch.tensor([action])
    values = random.uniform(1.2 * world.actions.low, 1.2 * world.actions.high, 1).astype(numpy.float32)
    return values, torch.from_numpy(values[None])
