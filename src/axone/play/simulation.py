"""The contract of everything that can be played: functions on the state of many copies at once.

A simulation has no state of its own. Its functions take the state of N copies, a dict of tensors whose first dimension
is the copy, and return a new one; they change none of their arguments. No function iterates over copies in Python.

    state = world.reset(make_keys(seed=0, copies=1024))
    observations = world.observe(state)                      # [N, *observation shape]
    state, outcome = world.step(state, actions)              # outcome.rewards, .terminated, .truncated: [N]

What the functions compute is a pure function of state and actions: random numbers come from `axone.play.random` by
the key and the counter of each copy, which are part of the state. A simulation that has kernels for the CPU (numba)
offers them as a second body of the same functions, equal to the bit: see `axone.play.bodies`.

Two kinds: a `World` rewards one agent (or a team), a `Game` has two players who move in turn.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int64, UInt8
from torch import Tensor

from axone.play.spaces import Continuous, Discrete

State = dict[str, Tensor]  # the first dimension of each tensor is the copy


class Outcome(NamedTuple):
    """What a step led to, for each copy.

    Args:
        rewards: The reward of the step. In a game, it is that of the player who moved: 1, 0 or -1.
        terminated: Whether the episode ended by the rules: nothing follows, and the value of what follows is 0.
        truncated: Whether a time limit ended it: the value of what would have followed is estimated.
    """

    rewards: Float[Tensor, " copies"]
    terminated: Bool[Tensor, " copies"]
    truncated: Bool[Tensor, " copies"]


class Simulation(ABC):
    """What worlds and games have in common.

    Attributes:
        name: The name that a person types.
        observations: The space of one observation.
        actions: The space of one action.
    """

    name: str
    observations: Continuous
    actions: Discrete | Continuous

    @abstractmethod
    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return the state of a first position or situation for each key.

        Args:
            keys: The key of each copy's random numbers, from `make_keys`. Their device is that of the state.
        """

    @abstractmethod
    def step(self, state: State, actions: Tensor) -> tuple[State, Outcome]:
        """Return the state after an action of each copy, and what it led to.

        Args:
            state: The state before.
            actions: int64 [copies] for `Discrete`, float32 [copies, *shape] for `Continuous`. Actions that are not
                legal are the caller's mistake and are not looked for here.
        """

    @abstractmethod
    def observe(self, state: State) -> Float[Tensor, "copies ..."]:
        """Return what the agent sees of each copy, as float32; in a game, what the player to move sees."""

    def legal_actions(self, state: State) -> Bool[Tensor, "copies actions"]:
        """Return which actions are allowed; by default all are. Only for `Discrete` actions."""
        if not isinstance(self.actions, Discrete):
            raise TypeError(f"{self.name} has continuous actions")
        first = next(iter(state.values()))
        return torch.ones(len(first), self.actions.count, dtype=torch.bool, device=first.device)

    def render_text(self, state: State, copy: int = 0) -> str:
        """Return one copy as lines of text; by default, its observation."""
        values = self.observe(select(state, torch.tensor([copy])))[0].flatten().tolist()
        return " ".join(f"{value:.3g}" for value in values)

    def kernels(self) -> Simulation | None:
        """Return the same simulation with functions that run as numba kernels on the CPU; None: it has none."""
        return None

    @abstractmethod
    def render_image(self, state: State, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return one copy as an image: red, green and blue from 0 to 255, on the CPU."""


class World(Simulation):
    """A simulation that rewards.

    Its state has the keys "key" and "counter" (int64 [copies]: the stream of random numbers) and "steps" (int64
    [copies]: the steps of the episode).

    Attributes:
        max_steps: The time limit: an episode that is not over after as many steps is truncated. 0: there is none.
    """

    max_steps: int = 0


class Game(Simulation):
    """A game for two players who move in turn, without chance and with all information.

    Its state has "player" (int64 [copies]: 0 or 1, who moves), "finished" (bool [copies]) and "result" (float32
    [copies]: 1 if player 0 has won, -1 if player 1 has, else 0). A finished copy has no legal action; it does not
    change any more, whatever the action, and its reward is 0. `reset` uses the keys only for their number and device.

    Attributes:
        board: Height and width in points or cells.
        max_moves: The number of moves after which a game is over at the latest.
    """

    actions: Discrete
    board: tuple[int, int]
    max_moves: int

    def describe_action(self, action: int) -> str:
        """Return an action as a person writes it, such as "d4"; by default its number."""
        return self.actions.names[action] if self.actions.names else str(action)


def select(state: State, indices: Any) -> State:
    """Return the state of some copies, by a tensor of indices, a mask or a slice."""
    return {name: values[indices] for name, values in state.items()}


def replace_where(mask: Bool[Tensor, " copies"], new: State, old: State) -> State:
    """Return the state with the copies of `mask` from `new` and the others from `old`."""
    return {
        name: torch.where(mask.reshape(-1, *[1] * (values.ndim - 1)), new[name], values) for name, values in old.items()
    }
