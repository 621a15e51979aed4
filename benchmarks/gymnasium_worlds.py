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
        terminated: The number of those that the rules ended, before the time limit.
        observation: The largest difference of an observation's number.
        reward: The largest difference of a reward.
        flags: The number of steps whose terminated or truncated flags differ.
    """

    steps: int
    episodes: int
    terminated: int
    observation: float
    reward: float
    flags: int


def compare(world: World, steps: int, *, seed: int = 0, every: int = 0, skilled: bool = False) -> Comparison:
    """Play the same actions in both and return the differences.

    Actions are random; in every second episode, each is repeated for up to 20 steps. Gymnasium may report a time limit
    in the same step as the end of an episode by the rules; ours reports only the latter.

    Args:
        world: Our world, with either body.
        steps: The number of steps.
        seed: The seed of the first states and of the actions.
        every: Copy Gymnasium's state anew after this number of steps; 0: only at the start of an episode. Where a world
            is chaotic, or balances what falls, the difference of the last bit grows until nothing is equal.
        skilled: Whether every third episode follows a rule that balances or swings up, so that episodes end in all
            ways.
    """
    name, parts = PEERS[world.name]
    peer = gymnasium.make(name)
    random = numpy.random.default_rng(seed)
    episodes = ends = flags = repeat = 0
    observation_error = reward_error = 0.0
    state: State | None = None
    for step in range(steps):
        if state is None:
            peer.reset(seed=seed + step)
            state = copy_state(world.reset(make_keys(seed, 1)), peer, parts)
        elif every and step % every == 0:
            state = copy_state(state, peer, parts)
        if repeat == 0:
            follows_rule = skilled and episodes % 3 == 2
            repeat = 1 if follows_rule or episodes % 2 == 0 else int(random.integers(1, 21))
            action = skilled_action(world, peer) if follows_rule else random_action(world, random)
            ours = torch.from_numpy(action[None]) if isinstance(action, numpy.ndarray) else torch.tensor([action])
        repeat -= 1
        state, outcome = world.step(state, ours)
        seen, reward, terminated, truncated, _info = peer.step(action)
        observation_error = max(observation_error, float(abs(world.observe(state)[0].numpy() - seen).max()))
        reward_error = max(reward_error, abs(outcome.rewards.item() - float(reward)))
        same = outcome.terminated.item() == terminated and outcome.truncated.item() == (truncated and not terminated)
        flags += not same
        if terminated or truncated:
            episodes += 1
            ends += terminated
            repeat = 0
            state = None
    return Comparison(steps, episodes, int(ends), observation_error, reward_error, flags)


def copy_state(state: State, peer: gymnasium.Env, parts: tuple[str, ...]) -> State:
    """Return our state of one copy with Gymnasium's numbers."""
    values = zip(parts, peer.unwrapped.state)
    return state | {part: torch.tensor([float(value)], dtype=torch.float64) for part, value in values}


def random_action(world: World, random: numpy.random.Generator) -> Any:
    """Return a random action as Gymnasium expects it; real numbers may be out of bounds."""
    if isinstance(world.actions, Discrete):
        return int(random.integers(world.actions.count))
    return random.uniform(1.2 * world.actions.low, 1.2 * world.actions.high, 1).astype(numpy.float32)


def skilled_action(world: World, peer: gymnasium.Env) -> Any:
    """Return the action of a rule: balance the pole, or push in the direction of the motion."""
    state = peer.unwrapped.state
    if world.name == "cart_pole":
        position, velocity, angle, speed = state
        return int(angle + 0.5 * speed + 0.02 * position + 0.05 * velocity > 0)
    rising = state[-1] >= 0
    if isinstance(world.actions, Discrete):
        return 2 if rising else 0
    return numpy.array([1.0 if rising else -1.0], numpy.float32) * world.actions.high
