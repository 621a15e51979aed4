"""The stream of a learner that commands units: at each batch, some steps of all battles.

The battles continue from batch to batch and from epoch to epoch. Their state and that of recurrent layers is the state
of the stream, so that a training resumes exactly in the middle of a battle; the random numbers of the actions are
torch's, which a checkpoint has too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.play.skirmish.battles import Battles, Situation
from axone.tasks.skirmish.policy import Memory, reset_where


class Decision(NamedTuple):
    """What was decided for one step.

    Args:
        actions: The action of each unit.
        log_probabilities: The logarithms of their probabilities.
        values: What is expected from here on, for each unit (independent critics) or each team (a centralized one).
        memory: The state of recurrent layers after the step.
    """

    actions: Int64[Tensor, "copies agents"]
    log_probabilities: Float[Tensor, "copies agents"]
    values: Float[Tensor, "copies values"]
    memory: Memory


@runtime_checkable
class Actor(Protocol):
    """A learner that commands units."""

    def acting(self) -> AbstractContextManager[None]:
        """Prepare the networks for acting: evaluation mode, no gradients."""

    def initial_memory(self, copies: int) -> Memory:
        """Return the state of recurrent layers at the start of a battle."""

    def explore(self, situation: Situation, memory: Memory) -> Decision:
        """Draw actions."""

    def estimate_values(self, situation: Situation, memory: Memory) -> Float[Tensor, "copies values"]:
        """Return what is expected from a situation on."""


@dataclass(frozen=True)
class Rollout:
    """Some steps of all battles; each tensor begins with [steps, copies], unless it says otherwise.

    Args:
        situations: What was known before each step.
        actions: What was drawn.
        log_probabilities: The logarithms of the probabilities of the actions.
        values: What was expected before each step.
        next_values: What is expected after each step; without meaning where a battle terminated.
        rewards: The reward of the first team.
        terminated: Whether a team died.
        truncated: Whether the step limit ended a battle.
        memory: The state of recurrent layers before the first step: [copies, agents, ...].
        results: How the battles ended that did: [battles].
    """

    situations: Situation
    actions: Int64[Tensor, "steps copies agents"]
    log_probabilities: Float[Tensor, "steps copies agents"]
    values: Float[Tensor, "steps copies values"]
    next_values: Float[Tensor, "steps copies values"]
    rewards: Float[Tensor, "steps copies"]
    terminated: Bool[Tensor, "steps copies"]
    truncated: Bool[Tensor, "steps copies"]
    memory: Memory
    results: Int64[Tensor, " battles"]

    @property
    def ended(self) -> Bool[Tensor, "steps copies"]:
        """Whether a battle ended after a step, for whichever reason."""
        return self.terminated | self.truncated


class BattleRollouts:
    """The stream of rollouts: an `axone.engine.experiment.Stream`.

    Args:
        battles: The battles.
        actor: Who commands the units.
        steps: The steps of each battle in a rollout.
        rollouts: The number of rollouts in an epoch.
    """

    def __init__(self, battles: Battles, actor: Actor, steps: int, rollouts: int) -> None:
        self.battles, self.actor, self.steps, self.rollouts = battles, actor, steps, rollouts
        self.memory = actor.initial_memory(battles.copies)

    @property
    def samples(self) -> int:
        """The number of steps of all battles in an epoch."""
        return self.rollouts * self.steps * self.battles.copies

    def __len__(self) -> int:
        """Return the number of rollouts in an epoch."""
        return self.rollouts

    def batches(self, epoch: int, start: int = 0) -> Iterator[Rollout]:
        """Play and yield the rollouts of an epoch, without the first `start` of them, which were played before."""
        for _number in range(start, self.rollouts):
            yield self.play()

    def play(self) -> Rollout:
        """Play some steps of all battles with the policy of the moment."""
        battles, actor, first_memory = self.battles, self.actor, self.memory
        situations, decisions, outcomes = [], [], []
        limits: dict[int, Tensor] = {}  # step -> the values after it, where the step limit ended battles
        with actor.acting():
            for number in range(self.steps):
                situations.append(battles.situation)
                decisions.append(actor.explore(situations[-1], self.memory))
                played = battles.step(decisions[-1].actions)
                outcomes.append(played)
                self.memory = decisions[-1].memory
                if played.truncated.any():
                    limits[number] = actor.estimate_values(battles.final_situation, self.memory)
                if played.ended.any():
                    self.memory = reset_where(played.ended, self.memory)
            last = actor.estimate_values(battles.situation, self.memory)
        values = torch.stack([decision.values for decision in decisions])
        truncated = torch.stack([played.truncated for played in outcomes])
        next_values = torch.cat([values[1:], last[None]])
        for number, estimated in limits.items():
            next_values[number] = torch.where(truncated[number, :, None], estimated, next_values[number])
        return Rollout(
            Situation(*map(torch.stack, zip(*situations))),
            torch.stack([decision.actions for decision in decisions]),
            torch.stack([decision.log_probabilities for decision in decisions]),
            values,
            next_values,
            torch.stack([played.rewards for played in outcomes]),
            torch.stack([played.terminated for played in outcomes]),
            truncated,
            first_memory,
            torch.cat([played.results[played.ended] for played in outcomes]),
        )

    def to(self, device: torch.device) -> BattleRollouts:
        """Return the stream itself: its battles are on the device of the training from the start."""
        return self

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the battles and of recurrent layers, in the middle of the battles."""
        return {"battles": self.battles.state_dict(), "memory": dict(self.memory)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where the state was saved."""
        self.battles.load_state_dict(state["battles"])
        self.memory = {name: part.to(self.battles.device) for name, part in state["memory"].items()}
