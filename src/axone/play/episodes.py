"""The episodes of all copies of a world: a step with automatic reset, by functions on states or by kernels in place.

Both compute the same bits: the key of an episode is a function of the stream of its copy and of its number.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float32, Int64
from torch import Tensor

from axone.play.block import EPISODE, STREAM, Block, BlockWorld, as_arrays
from axone.play.random import random_bits
from axone.play.simulation import State, World, replace_where

STEPS_AT_ONCE = 16  # for whose results memory is allocated in one piece


class Step(NamedTuple):
    """What a step of all copies led to.

    Args:
        observations: What the agent sees now; of a new episode, where the old one ended in this step.
        rewards: The rewards of the step.
        terminated: Whether the rules ended the episode: the value of what follows is 0.
        truncated: Whether a time limit ended it: the value of what would have followed is estimated.
        final_observations: What the step led to before any new episode began; elsewhere equal to `observations`.
    """

    observations: Float32[Tensor, "copies ..."]
    rewards: Float32[Tensor, " copies"]
    terminated: Bool[Tensor, " copies"]
    truncated: Bool[Tensor, " copies"]
    final_observations: Float32[Tensor, "copies ..."]


class Episodes(ABC):
    """The state of the episodes of all copies."""

    @abstractmethod
    def step(self, actions: Tensor) -> Step:
        """Play one step in each copy, and begin new episodes."""

    @abstractmethod
    def play(self, actions: Tensor) -> Step:
        """Play a step for each row of actions; the results have the steps as their first dimension."""

    @abstractmethod
    def copy_state(self) -> State:
        """Return the state of the simulation, which no later step changes."""

    @abstractmethod
    def copy_final_state(self) -> State:
        """Return the state that the last step led to, before any new episode began."""

    @abstractmethod
    def view_state(self) -> State:
        """Return the state of the simulation, which later steps may change."""

    @abstractmethod
    def numbers(self) -> Int64[Tensor, " copies"]:
        """Return the number of each copy's episode."""

    @abstractmethod
    def streams(self) -> Int64[Tensor, " copies"]:
        """Return what the keys of each copy's episodes are made from."""


class FunctionEpisodes(Episodes):
    """Episodes by the functions of a world, on any device."""

    def __init__(
        self, world: World, state: State, streams: Int64[Tensor, " copies"], episodes: Int64[Tensor, " copies"]
    ) -> None:
        self.world, self._streams, self._numbers = world, streams, episodes
        self._state = self._final_state = state

    def step(self, actions: Tensor) -> Step:
        """Play one step in each copy, and begin new episodes."""
        self._state, outcome = self.world.step(self._state, actions)
        self._final_state = self._state
        observations = final_observations = self.world.observe(self._state)
        finished = outcome.terminated | outcome.truncated
        indices = finished.nonzero()[:, 0]
        if len(indices):
            self._numbers = self._numbers + finished
            new = self.world.reset(random_bits(self._streams[indices], self._numbers[indices]))
            self._state = {name: old.index_copy(0, indices, new[name]) for name, old in self._state.items()}
            observations = final_observations.index_copy(0, indices, self.world.observe(new))
        return Step(observations, *outcome, final_observations)

    def play(self, actions: Tensor) -> Step:
        """Play a step for each row of actions."""
        steps = [self.step(row) for row in actions]
        return Step(*(torch.stack(values) for values in zip(*steps)))

    def copy_state(self) -> State:
        """Return the state of the simulation."""
        return dict(self._state)

    def copy_final_state(self) -> State:
        """Return the state that the last step led to."""
        return dict(self._final_state)

    def view_state(self) -> State:
        """Return the state of the simulation."""
        return self._state

    def numbers(self) -> Int64[Tensor, " copies"]:
        """Return the number of each copy's episode."""
        return self._numbers

    def streams(self) -> Int64[Tensor, " copies"]:
        """Return what the keys of each copy's episodes are made from."""
        return self._streams


class BlockEpisodes(Episodes):
    """Episodes by a kernel that changes a block in place.

    The memory for the results of several steps is allocated at once, because allocations would cost more than the
    steps. No memory is used twice: what a step returned stays as it is.
    """

    def __init__(
        self, world: BlockWorld, state: State, streams: Int64[Tensor, " copies"], episodes: Int64[Tensor, " copies"]
    ) -> None:
        self.world = world
        self._block: Block = world.to_block(state)
        self._block.integers[STREAM], self._block.integers[EPISODE] = streams, episodes
        self._block_arrays = as_arrays(self._block)
        self._has_played = False
        self._next_row = STEPS_AT_ONCE  # of the results below, which are allocated at the first step

    def step(self, actions: Tensor) -> Step:
        """Play one step in each copy, and begin new episodes."""
        if self._next_row == STEPS_AT_ONCE:
            results = self.world.new_results(STEPS_AT_ONCE, self._block.integers.shape[1])
            self._arrays = as_arrays(results)
            self._steps = [Step(*values) for values in zip(*(result.unbind() for result in results))]
            self._next_row = 0
        row = self._next_row
        self.world.play(self._block_arrays, self.world.action_array(actions)[None], row, self._arrays)
        self._next_row = row + 1
        self._has_played = True
        return self._steps[row]

    def play(self, actions: Tensor) -> Step:
        """Play a step for each row of actions, in one call of the kernel."""
        results = self.world.new_results(len(actions), self._block.integers.shape[1])
        self.world.play(self._block_arrays, self.world.action_array(actions), 0, as_arrays(results))
        self._has_played = True
        return Step(*results)

    def copy_state(self) -> State:
        """Return a copy of the state of the simulation."""
        return {name: values.clone() for name, values in self.view_state().items()}

    def copy_final_state(self) -> State:
        """Return the state that the last step led to; before the first step, the state."""
        state = self.copy_state()
        if not self._has_played:
            return state
        return replace_where(state["steps"] == 0, self.world.to_final_state(self._block), state)

    def view_state(self) -> State:
        """Return the state of the simulation, in the memory that the next step changes."""
        return self.world.to_state(self._block)

    def numbers(self) -> Int64[Tensor, " copies"]:
        """Return the number of each copy's episode."""
        return self._block.integers[EPISODE].clone()

    def streams(self) -> Int64[Tensor, " copies"]:
        """Return what the keys of each copy's episodes are made from."""
        return self._block.integers[STREAM].clone()


def make_episodes(
    world: World, state: State, streams: Int64[Tensor, " copies"], episodes: Int64[Tensor, " copies"]
) -> Episodes:
    """Return the episodes of a world whose body is chosen already."""
    if isinstance(world, BlockWorld):
        return BlockEpisodes(world, state, streams, episodes)
    return FunctionEpisodes(world, state, streams, episodes)
