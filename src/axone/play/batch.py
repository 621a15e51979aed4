"""Many copies of a world that begin a new episode by themselves: what a learner plays in.

    worlds = make_worlds("cart_pole", copies=64, seed=0)
    for _ in range(1000):
        actions = choose(worlds.observations)
        step = worlds.step(actions)              # step.rewards, .terminated, .truncated, .final_observations

The mode of automatic reset is Gymnasium's "SameStep": the step that ends an episode also begins the next one. Then
`step.observations` are those of the new episode, and `step.final_observations` those with which the old one ended, so
that a learner can estimate what would have followed a time limit.

`VectorWorlds` is the interface; `Worlds` implements it for our own simulations, adapters for Gymnasium and others.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import isinf, prod
from typing import Any

import torch
from jaxtyping import Bool, Float32, UInt8
from torch import Tensor

from axone.errors import DataError
from axone.messages import _
from axone.play.block import BlockWorld
from axone.play.bodies import Body, choose_body
from axone.play.episodes import Step, make_episodes
from axone.play.random import make_keys, random_bits, random_integers, uniform
from axone.play.simulation import World
from axone.play.spaces import Continuous, Discrete

__all__ = ["AUTORESET_MODE", "Step", "VectorWorlds", "Worlds", "random_actions"]

AUTORESET_MODE = "SameStep"  # the value of gymnasium.vector.AutoresetMode.SAME_STEP


class VectorWorlds(ABC):
    """Copies of a world that begin a new episode by themselves, in the mode `AUTORESET_MODE`.

    Attributes:
        name: The name that `make_worlds` was called with.
        copies: The number of copies.
        device: Where observations are and actions are expected.
        observation_space: The space of one observation.
        action_space: The space of one action.
        max_steps: The time limit of an episode; 0: there is none, or it is not known.
        observations: What the agent sees now, float32 [copies, *observation shape]. No later step changes it.
    """

    name: str
    copies: int
    device: torch.device
    observation_space: Continuous
    action_space: Discrete | Continuous
    max_steps: int
    observations: Float32[Tensor, "copies ..."]

    @abstractmethod
    def step(self, actions: Tensor) -> Step:
        """Play one step in each copy; none of the returned tensors is changed by a later step.

        Args:
            actions: int64 [copies] for `Discrete`, float32 [copies, *shape] for `Continuous`.
        """

    def legal_actions(self) -> Bool[Tensor, "copies actions"]:
        """Return which actions are allowed now; by default all are. Only for `Discrete` actions."""
        if not isinstance(self.action_space, Discrete):
            raise TypeError(f"{self.name} has continuous actions")
        return torch.ones(self.copies, self.action_space.count, dtype=torch.bool, device=self.device)

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """Return all that is needed to continue exactly here, in the middle of episodes, as tensors and numbers."""

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where the state was saved. Raises DataError when it belongs to another world or number of copies."""

    def render_text(self, copy: int = 0) -> str:
        """Return one copy as lines of text; by default, its observation."""
        return " ".join(f"{value:.3g}" for value in self.observations[copy].flatten().tolist())

    @abstractmethod
    def render_image(self, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return one copy as an image: red, green and blue from 0 to 255, on the CPU."""

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """End what runs outside of this process; by default there is nothing."""


class Worlds(VectorWorlds):
    """Copies of one of our simulations.

    The key of an episode's random numbers is a function of the seed, the copy and the number of the episode in that
    copy, so that a resumed run plays the same episodes.

    Args:
        world: The simulation.
        copies: The number of copies.
        seed: The seed of all random numbers.
        device: Where the state lives.
        body: Which body runs: see `choose_body`.

    Raises:
        UsageError: The body was asked for, and it is not available.
    """

    world: World

    def __init__(
        self, world: World, copies: int, *, seed: int = 0, device: torch.device | str = "cpu", body: Body = "auto"
    ) -> None:
        self.world = choose_body(world, device, body)
        self.name, self.max_steps = world.name, world.max_steps
        self.observation_space, self.action_space = world.observations, world.actions
        self.copies, self.device = copies, torch.device(device)
        space = world.actions
        self._action_shape = (copies, *(space.shape if isinstance(space, Continuous) else ()))
        streams = make_keys(seed, copies, device)
        episodes = torch.zeros_like(streams)
        state = self.world.reset(random_bits(streams, episodes))
        self.observations = self.world.observe(state)
        self._episodes = make_episodes(self.world, state, streams, episodes)

    @property
    def state(self) -> State:
        """The state of the simulation. No later step changes it."""
        return self._episodes.copy_state()

    @property
    def final_state(self) -> State:
        """The state that the last step led to, before any new episode began: how an episode ended can be read there."""
        return self._episodes.copy_final_state()

    @property
    def episodes(self) -> Int64[Tensor, " copies"]:
        """The number of the episode that each copy is in, from 0."""
        return self._episodes.numbers()

    def step(self, actions: Tensor) -> Step:
        """Play one step in each copy.

        Raises:
            ValueError: The actions have another shape than [copies, *shape of an action].
        """
        self._check_shape(actions.shape)
        step = self._episodes.step(actions)
        self.observations = step.observations
        return step

    def play(self, actions: Tensor) -> Step:
        """Play several steps in each copy, with kernels in a single call; return all results.

        Args:
            actions: The actions of each step: int64 [steps, copies] or float32 [steps, copies, *shape].

        Returns:
            The fields of `Step` with the steps as the first dimension.

        Raises:
            ValueError: There is no step, or the actions have another shape.
        """
        self._check_shape(actions.shape[1:])
        if not len(actions):
            raise ValueError("there must be at least one step of actions")
        step = self._episodes.play(actions)
        self.observations = step.observations[-1].clone()  # a view would keep the memory of all steps
        return step

    def legal_actions(self) -> Bool[Tensor, "copies actions"]:
        """Return which actions are allowed now."""
        return self.world.legal_actions(self._episodes.view_state())

    def render_text(self, copy: int = 0) -> str:
        """Return one copy as lines of text."""
        return self.world.render_text(self._episodes.view_state(), copy)

    def render_image(self, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return one copy as an image."""
        return self.world.render_image(self._episodes.view_state(), copy)

    def _check_shape(self, shape: torch.Size) -> None:
        if shape == self._action_shape:
            return
        # The actions of teams have a second dimension, their members. Kernels would read memory that is not theirs.
        is_team = isinstance(self.action_space, Discrete) and not isinstance(self.world, BlockWorld)
        if not is_team or shape[:1] != self._action_shape:
            raise ValueError(f"the actions of a step must have the shape {self._action_shape}, not {tuple(shape)}")

    def state_dict(self) -> dict[str, Any]:
        """Return streams, numbers of episodes and the state of the simulation."""
        return {"world": self.name, "streams": self._episodes.streams(), "episodes": self.episodes, "state": self.state}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where the state was saved."""
        if state["world"] != self.name or state["state"].keys() != self.state.keys():
            raise DataError(
                _("The saved episodes are of '{other}', not of '{name}'.", other=state["world"], name=self.name)
            )
        saved = len(state["streams"])
        if saved != self.copies:
            raise DataError(_("{saved} copies of the world were saved, not {copies}.", saved=saved, copies=self.copies))
        streams, episodes = state["streams"].to(self.device), state["episodes"].to(self.device)
        parts = {name: values.to(self.device) for name, values in state["state"].items()}
        self.observations = self.world.observe(parts)
        self._episodes = make_episodes(self.world, parts, streams, episodes)


def random_actions(worlds: VectorWorlds, steps: int, *, seed: int = 0) -> Tensor:
    """Return actions of the random policy for a number of steps, such as `Worlds.play` accepts.

    Every action of the space is equally likely, whether it is legal or not.

    Returns:
        int64 [steps, copies] for `Discrete`, float32 [steps, copies, *shape] for `Continuous`.

    Raises:
        ValueError: The space of actions has no bounds.
    """
    space = worlds.action_space
    keys = make_keys(seed, worlds.copies, worlds.device)
    numbers = torch.arange(steps, device=worlds.device)
    if isinstance(space, Discrete):
        return random_integers(keys, numbers[:, None], space.count)
    if isinf(space.low) or isinf(space.high):
        raise ValueError(f"the actions of {worlds.name} have no bounds")
    size = prod(space.shape)
    counters = numbers[:, None, None] * size + torch.arange(size, device=worlds.device)
    shares = uniform(keys[:, None], counters).reshape(steps, worlds.copies, *space.shape)
    return (space.low + (space.high - space.low) * shares).float()
