"""The stream of a learner that plays: at each batch, its policies play some steps in their worlds.

The worlds continue from batch to batch and from epoch to epoch. Their state, and that of recurrent policies, is the
state of the stream, so that a training resumes exactly in the middle of episodes; the random numbers of the actions are
torch's, which a checkpoint has too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from axone.tasks.control.networks.network import Memory
from axone.tasks.control.worlds.member_worlds import MemberWorlds


class Decision(NamedTuple):
    """What policies decided for one step of all copies; each tensor begins with [members, copies].

    Args:
        actions: The actions.
        log_probabilities: The logarithms of their probabilities.
        values: The value that the policies expect from here on.
        memory: The state of recurrent layers after the step.
    """

    actions: Tensor
    log_probabilities: Float[Tensor, "members copies"]
    values: Float[Tensor, "members copies"]
    memory: Memory


@runtime_checkable
class Actor(Protocol):
    """A learner whose policies play."""

    def acting(self) -> AbstractContextManager[None]:
        """Prepare the networks for acting: evaluation mode, no gradients."""

    def initial_memory(self, copies: int) -> Memory:
        """Return the state of recurrent layers at the start of an episode."""

    def explore(self, observations: Float[Tensor, "members copies ..."], memory: Memory) -> Decision:
        """Draw actions."""

    def estimate_values(
        self, observations: Float[Tensor, "members copies ..."], memory: Memory
    ) -> Float[Tensor, "members copies"]:
        """Return the value that is expected from observations on."""


@dataclass(frozen=True)
class Rollout:
    """Some steps of all copies: each tensor begins with [steps, members, copies], unless it says otherwise.

    Args:
        observations: What the policies saw.
        actions: What they drew.
        log_probabilities: The logarithms of the probabilities of the actions.
        values: The value that was expected at each step.
        next_values: The value after each step: after a time limit, of what the episode ended with; after the last
            step, of what is seen now. Where an episode terminated it has no meaning.
        rewards: The rewards.
        terminated: Whether the rules ended the episode.
        truncated: Whether a time limit ended it.
        memory: The state of recurrent layers before the first step: [members, copies, ...].
        episode_returns: The sums of rewards of the episodes that ended: [episodes].
    """

    observations: Float[Tensor, "steps members copies ..."]
    actions: Tensor
    log_probabilities: Float[Tensor, "steps members copies"]
    values: Float[Tensor, "steps members copies"]
    next_values: Float[Tensor, "steps members copies"]
    rewards: Float[Tensor, "steps members copies"]
    terminated: Bool[Tensor, "steps members copies"]
    truncated: Bool[Tensor, "steps members copies"]
    memory: Memory
    episode_returns: Float[Tensor, " episodes"]

    @property
    def ended(self) -> Bool[Tensor, "steps members copies"]:
        """Whether an episode ended after a step, for whichever reason."""
        return self.terminated | self.truncated


class Rollouts:
    """The stream of rollouts: an `axone.engine.experiment.Stream`.

    Args:
        worlds: The worlds of all members.
        actor: Whose policies play.
        steps: The steps of each copy in a rollout.
        rollouts: The number of rollouts in an epoch.
    """

    def __init__(self, worlds: MemberWorlds, actor: Actor, steps: int, rollouts: int) -> None:
        self.worlds, self.actor, self.steps, self.rollouts = worlds, actor, steps, rollouts
        self.memory: Memory = actor.initial_memory(worlds.copies)

    @property
    def samples(self) -> int:
        """The number of steps of all copies of all members in an epoch."""
        return self.rollouts * self.steps * self.worlds.worlds.copies

    def __len__(self) -> int:
        """Return the number of rollouts in an epoch."""
        return self.rollouts

    def batches(self, epoch: int, start: int = 0) -> Iterator[Rollout]:
        """Play and yield the rollouts of an epoch, without the first `start` of them, which were played before."""
        for _number in range(start, self.rollouts):
            yield self.play()

    def play(self) -> Rollout:
        """Play some steps in all copies, with the policies of the moment."""
        worlds, actor, first_memory = self.worlds, self.actor, self.memory
        observations, decisions, outcomes, returns = [], [], [], []
        limits: dict[int, Tensor] = {}  # step -> the values after it, where a time limit ended episodes
        with actor.acting():
            for number in range(self.steps):
                observations.append(worlds.observations)
                decisions.append(actor.explore(worlds.observations, self.memory))
                played = worlds.step(decisions[-1].actions)
                outcomes.append(played)
                self.memory = decisions[-1].memory
                ended = played.ended
                if ended.any():
                    if played.truncated.any():
                        limits[number] = actor.estimate_values(played.final_observations, self.memory)
                    returns.append(worlds.episode_returns[ended])
                    worlds.restart(ended)
                    self.memory = reset_where(ended, self.memory)
            last = actor.estimate_values(worlds.observations, self.memory)
        values = torch.stack([decision.values for decision in decisions])
        truncated = torch.stack([played.truncated for played in outcomes])
        next_values = torch.cat([values[1:], last[None]])
        for number, estimated in limits.items():
            next_values[number] = torch.where(truncated[number], estimated, next_values[number])
        return Rollout(
            torch.stack(observations),
            torch.stack([decision.actions for decision in decisions]),
            torch.stack([decision.log_probabilities for decision in decisions]),
            values,
            next_values,
            torch.stack([played.rewards for played in outcomes]),
            torch.stack([played.terminated for played in outcomes]),
            truncated,
            first_memory,
            torch.cat(returns) if returns else values.new_empty(0),
        )

    def to(self, device: torch.device) -> Rollouts:
        """Return the stream itself: its worlds are on the device of the training from the start."""
        return self

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the worlds and of recurrent policies, in the middle of the episodes."""
        return {"worlds": self.worlds.state_dict(), "memory": dict(self.memory)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where the state was saved."""
        self.worlds.load_state_dict(state["worlds"])
        self.memory = {name: part.to(self.worlds.worlds.device) for name, part in state["memory"].items()}


def reset_where(ended: Bool[Tensor, "members copies"], memory: Memory) -> Memory:
    """Return the memory with zeros where an episode ended."""
    return {name: part.masked_fill(ended[:, :, None, None], 0.0) for name, part in memory.items()}
