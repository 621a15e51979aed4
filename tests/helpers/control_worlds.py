"""Small worlds for tests of learners: no more than a few numbers, and results that can be computed by hand."""

from __future__ import annotations

import torch

from axone.play.batch import Worlds
from axone.play.simulation import Outcome, World
from axone.play.spaces import Continuous, Discrete


class Corridor(World):
    """Cells 0 to 4; an agent begins in cell 2, and its reward is 1 in cell 4, where the episode ends.

    The observation is the cell divided by 4, and whether the limit of 6 steps is near.
    """

    name = "corridor"
    observations = Continuous((2,))
    actions = Discrete(2, ("left", "right"))
    max_steps = 6

    def reset(self, keys):
        """Return the states of first cells."""
        zeros = torch.zeros_like(keys)
        return {"key": keys, "counter": zeros, "steps": zeros, "cell": zeros + 2}

    def step(self, state, actions):
        """Go one cell."""
        cell = (state["cell"] + 2 * actions - 1).clamp(0, 4)
        steps = state["steps"] + 1
        terminated = cell == 4
        truncated = (steps >= self.max_steps) & ~terminated
        return {**state, "steps": steps, "cell": cell}, Outcome(terminated.float(), terminated, truncated)

    def observe(self, state):
        """Return the cell and the time."""
        return torch.stack([state["cell"] / 4, state["steps"] / 6], 1).float()

    def render_image(self, state, copy=0):
        """Return one row of pixels, of which that of the agent is white."""
        image = torch.zeros(1, 5, 3, dtype=torch.uint8)
        image[0, int(state["cell"][copy])] = 255
        return image


class Target(Corridor):
    """An agent chooses two numbers from -2 to 2; its reward is the negative distance from (1, -1). One step."""

    name = "target"
    actions = Continuous((2,), -2.0, 2.0)
    max_steps = 1

    def step(self, state, actions):
        """Reward the choice."""
        distance = (actions - torch.tensor([1.0, -1.0])).square().sum(1)
        ended = torch.ones(len(actions), dtype=torch.bool)
        return {**state, "steps": state["steps"] + 1}, Outcome(-distance, ended, ~ended)


class Memory(Corridor):
    """A bit is seen in the first step alone; the reward is 1 where the third action is that bit."""

    name = "memory"
    max_steps = 3

    def reset(self, keys):
        """Return states with a random bit."""
        return {**super().reset(keys), "cell": (keys >> 20) & 1}

    def step(self, state, actions):
        """Reward the third action."""
        steps = state["steps"] + 1
        ended = steps >= self.max_steps
        rewards = (ended & (actions == state["cell"])).float()
        return {**state, "steps": steps}, Outcome(rewards, ended, torch.zeros_like(ended))

    def observe(self, state):
        """Return the bit as -1 or 1, in the first step."""
        first = state["steps"] == 0
        return torch.stack([first * (2.0 * state["cell"] - 1), first.float()], 1)


class Broken(Corridor):
    """A corridor whose rewards are NaN after the third step of an episode, or whose episodes never end."""

    name = "broken"

    def __init__(self, fault="nan"):
        self.fault = fault
        self.max_steps = 0 if fault == "endless" else 6

    def step(self, state, actions):
        """Go one cell, with the fault."""
        new, outcome = super().step(state, actions)
        if self.fault == "endless":
            never = torch.zeros_like(outcome.terminated)
            return new, Outcome(outcome.rewards, never, never)
        return new, outcome._replace(rewards=outcome.rewards.masked_fill(new["steps"] >= 3, float("nan")))


def make_copies(world, copies, seed=0):
    """Return copies that begin new episodes by themselves."""
    return Worlds(world, copies, seed=seed)
