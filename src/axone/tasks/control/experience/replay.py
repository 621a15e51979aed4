"""A replay memory on tensors: the last transitions of every member, drawn uniformly or by their errors.

A transition of n steps goes from what was seen to what was seen n steps later, with the discounted sum of the rewards
between them. Where the episode terminated within them, the sum ends there and nothing follows; where a time limit ended
it, the transition is shorter, and leads to the last situation before the limit.

Papers: Mnih et al. 2015, "Human-level control through deep reinforcement learning", Nature 518 (replay); Schaul, Quan,
Antonoglou, Silver 2016, "Prioritized Experience Replay", arXiv:1511.05952; Sutton 1988 (n steps).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.errors import SettingsError
from axone.messages import _
from axone.tasks.control.experience.minibatches import flatten_steps
from axone.tasks.control.experience.rollouts import Rollout

LEAST = 1e-4  # added to an error, so that every transition may be drawn


@dataclass(frozen=True)
class Transitions:
    """Transitions of all members; each tensor begins with [members, transitions].

    Args:
        observations: What was seen.
        actions: What was done.
        rewards: The discounted sum of the rewards of the steps.
        discounts: The factor of the value of what follows; 0 where the episode terminated.
        following: What was seen after the steps.
    """

    observations: Float[Tensor, "members transitions ..."]
    actions: Int64[Tensor, "members transitions"]
    rewards: Float[Tensor, "members transitions"]
    discounts: Float[Tensor, "members transitions"]
    following: Float[Tensor, "members transitions ..."]

    def fields(self) -> dict[str, Tensor]:
        """Return the tensors by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def make_transitions(rollout: Rollout, gamma: float, steps: int) -> tuple[Transitions, Bool[Tensor, "members _"]]:
    """Return the transitions of a rollout, and which of them exist.

    No transition leads further than the last situation of the rollout, so that the last ones are shorter too. The last
    step, and a step that a time limit ended, have none: what followed them is not part of the rollout.

    Args:
        rollout: The steps of all copies.
        gamma: The discount of a step.
        steps: The number of steps of a transition, n.
    """
    count = len(rollout.rewards)
    observations, rewards, last = rollout.observations, rollout.rewards, count - 1
    totals = torch.zeros_like(rewards)
    discounts = torch.ones_like(rewards)
    target = torch.arange(count, device=rewards.device)[:, None, None].expand_as(rewards).clone()  # where it leads
    running = torch.ones_like(rollout.terminated)  # whether the transition may become longer
    for ahead in range(steps):
        time = (torch.arange(count, device=rewards.device) + ahead).clamp(max=last)
        # The last step has no successor within the rollout, unless the episode terminated with it.
        within = (torch.arange(count, device=rewards.device) + ahead < count)[:, None, None]
        exists = within & ~rollout.truncated[time]
        exists &= (time < last)[:, None, None] | rollout.terminated[time]
        running = running & exists
        totals = totals + torch.where(running, discounts * rewards[time], 0.0)
        ended = running & rollout.terminated[time]
        discounts = torch.where(running, discounts * gamma, discounts).masked_fill(ended, 0.0)
        target = torch.where(running & ~ended, target + 1, target)
        running = running & ~ended
    valid = (target > torch.arange(count, device=rewards.device)[:, None, None]) | (discounts == 0)
    index = target.reshape(*target.shape, *[1] * (observations.ndim - 3)).expand_as(observations)
    following = observations.gather(0, index)

    parts = (observations, rollout.actions, totals, discounts, following)
    return Transitions(*map(flatten_steps, parts)), flatten_steps(valid)


def require_capacity(capacity: int, transitions: int) -> None:
    """Raise SettingsError where a replay memory is smaller than the transitions of one rollout."""
    if capacity < transitions:
        raise SettingsError(
            _("The replay memory ({replay}) is smaller than a rollout ({size}).", replay=capacity, size=transitions),
            expected=_("expected --replay to be at least --steps times --copies"),
        )


class Replay:
    """The last transitions of each member.

    Args:
        members: The number of members.
        capacity: The number of transitions of each member that are stored.
        shape: The shape of an observation.
        exponent: The probability of a transition is proportional to its error to this power; 0: uniform.
        device: Where they are stored.

    Attributes:
        priorities: The size of the error of each transition to the power of the exponent; 0 where there is none.
        count: The number of stored transitions of each member: [members].
        place: Where the next transition is stored.
    """

    def __init__(
        self, members: int, capacity: int, shape: Sequence[int], exponent: float = 0.0,
        device: torch.device | str = "cpu",
    ) -> None:  # fmt: skip
        self.capacity, self.exponent = capacity, exponent
        self.stored = Transitions(
            torch.zeros(members, capacity, *shape, device=device),
            torch.zeros(members, capacity, dtype=torch.int64, device=device),
            torch.zeros(members, capacity, device=device),
            torch.zeros(members, capacity, device=device),
            torch.zeros(members, capacity, *shape, device=device),
        )
        self.priorities = torch.zeros(members, capacity, device=device)
        self.count = torch.zeros(members, dtype=torch.int64, device=device)
        self.place = torch.zeros(members, dtype=torch.int64, device=device)

    def add(self, transitions: Transitions, valid: Bool[Tensor, "members transitions"]) -> None:
        """Store the valid transitions in place of the oldest ones, with the highest priority there is."""
        order = (valid.cumsum(1) - 1 + self.place[:, None]) % self.capacity  # the place of each valid one
        members, numbers = valid.nonzero(as_tuple=True)
        places = order[members, numbers]
        for name, values in transitions.fields().items():
            getattr(self.stored, name)[members, places] = values[members, numbers]
        highest = self.priorities.amax(1).where(self.count > 0, 1.0)
        self.priorities[members, places] = highest[members]
        added = valid.sum(1)
        self.place = (self.place + added) % self.capacity
        self.count = (self.count + added).clamp(max=self.capacity)

    def draw(self, size: int, beta: float) -> tuple[Int64[Tensor, "members size"], Float[Tensor, "members size"]]:
        """Draw transitions of each member, with the weights that correct their frequency.

            w(i) = (N P(i))^-beta, divided by the largest one that was drawn      (Schaul et al. 2016, section 3.4)

        Args:
            size: The number of transitions.
            beta: 0: no correction; 1: all of it.

        Returns:
            The places of the transitions, and their weights.
        """
        uniform = torch.rand(len(self.count), size, device=self.count.device)
        if self.exponent == 0:
            return (uniform * self.count[:, None]).long(), torch.ones_like(uniform)
        cumulative = self.priorities[:, : int(self.count.max())].double().cumsum(1)
        total = cumulative[:, -1:]
        places = torch.searchsorted(cumulative, uniform * total).clamp(max=self.count[:, None] - 1)
        shares = self.priorities.gather(1, places) / total
        weights = (self.count[:, None] * shares).pow(-beta)
        return places, (weights / weights.amax(1, keepdim=True)).float()

    def read(self, places: Int64[Tensor, "members size"]) -> Transitions:
        """Return the transitions at some places."""
        rows = torch.arange(len(places), device=places.device)[:, None]
        return Transitions(*(values[rows, places] for values in self.stored.fields().values()))

    def update(self, places: Int64[Tensor, "members size"], errors: Float[Tensor, "members size"]) -> None:
        """Set the priorities of transitions from their errors."""
        self.priorities.scatter_(1, places, (errors.abs() + LEAST).pow(self.exponent))

    def state_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        used = int(self.count.max())
        return {
            **{name: values[:, :used] for name, values in self.stored.fields().items()},
            "priorities": self.priorities[:, :used],
            "count": self.count,
            "place": self.place,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        used = state["priorities"].shape[1]
        for name, values in self.stored.fields().items():
            values[:, :used] = state[name]
        self.priorities.zero_()[:, :used] = state["priorities"]
        self.count, self.place = state["count"].to(self.count.device), state["place"].to(self.place.device)
