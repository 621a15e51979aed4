"""Greedy episodes: the stream on which policies are evaluated.

Each copy plays exactly one episode, so that short episodes do not count more often than long ones. The first situations
are the same after each epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from axone.tasks.control.experience.rollouts import reset_where
from axone.tasks.control.networks.network import Memory
from axone.tasks.control.worlds.member_worlds import MemberWorlds

STEPS = 100  # played between two moments at which a stop may take effect


@runtime_checkable
class GreedyActor(Protocol):
    """A learner whose policies choose what they hold for the best."""

    def initial_memory(self, copies: int) -> Memory:
        """Return the state of recurrent layers at the start of an episode."""

    def exploit(self, observations: Float[Tensor, "members copies ..."], memory: Memory) -> tuple[Tensor, Memory]:
        """Return the actions that the policies hold for the best, and the state of recurrent layers after them."""


class Episodes:
    """The stream of evaluation: one episode in each copy, in parts of 100 steps.

    Args:
        make_worlds: Makes the worlds, at their first situations; called when they are needed for the first time.
        members: The number of members.
        episodes: The number of episodes of each member.
        limit: The number of steps after which an episode is cut off.
        selects: Whether the results decide which member is the best.

    Attributes:
        returns: The sum of the rewards of each episode so far: [members, episodes].
        lengths: The steps of each episode so far.
        running: Whether each episode has not ended.
    """

    def __init__(
        self,
        make_worlds: Callable[[], MemberWorlds],
        members: int,
        episodes: int,
        limit: int,
        *,
        selects: bool = True,
    ) -> None:
        self._make_worlds, self.limit, self.selects = make_worlds, limit, selects
        self._shape = members, episodes
        self._worlds: MemberWorlds | None = None
        self._first: dict[str, Any] = {}  # the state of the worlds at their first situations
        self._begin("cpu")

    def _begin(self, device: torch.device | str) -> None:
        self.returns = torch.zeros(self._shape, device=device)
        self.lengths = torch.zeros(self._shape, dtype=torch.int64, device=device)
        self.running = torch.ones(self._shape, dtype=torch.bool, device=device)
        self.memory: Memory | None = None

    @property
    def samples(self) -> int:
        """The number of episodes."""
        return self.returns.numel()

    def __len__(self) -> int:
        """Return the largest number of parts."""
        return -(-self.limit // STEPS)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Episodes]:
        """Yield the stream itself for each part, until all episodes have ended."""
        if self._worlds is None:
            self._worlds = self._make_worlds()
            self._first = self._worlds.state_dict()
        else:
            self._worlds.load_state_dict(self._first)
        self._begin(self._worlds.worlds.device)
        for _number in range(len(self)):
            if not self.running.any():
                return
            yield self

    def play(self, actor: GreedyActor) -> None:
        """Play a part of the episodes."""
        worlds = self._worlds
        assert worlds is not None
        if self.memory is None:
            self.memory = actor.initial_memory(worlds.copies)
        for _number in range(STEPS):
            if not self.running.any():
                return
            actions, self.memory = actor.exploit(worlds.observations, self.memory)
            played = worlds.step(actions)
            self.returns = self.returns + played.rewards * self.running
            self.lengths = self.lengths + self.running
            self.running = self.running & ~played.ended & (self.lengths < self.limit)
            self.memory = reset_where(played.ended, self.memory)

    @property
    def cut_off(self) -> int:
        """The number of episodes that were as long as the limit allows."""
        return int((self.lengths >= self.limit).sum())

    def to(self, device: torch.device) -> Episodes:
        """Return the stream itself: its worlds are on the device of the training from the start."""
        return self

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: an evaluation that was interrupted is done again."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore nothing."""
