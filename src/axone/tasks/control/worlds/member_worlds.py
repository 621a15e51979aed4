"""Copies of a world for every member of an ensemble: steps, checks of what the world returns, results of episodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from axone.errors import DataError
from axone.messages import _
from axone.play.batch import VectorWorlds
from axone.tasks.control.worlds.actions import to_world_actions


@dataclass(frozen=True)
class Played:
    """What one step of all copies led to; each tensor begins with [members, copies].

    Args:
        rewards: The rewards.
        terminated: Whether the rules ended the episode: what follows is worth 0.
        truncated: Whether a time limit ended it: what would have followed has a value.
        final_observations: What the step led to, before any new episode began.
    """

    rewards: Float[Tensor, "members copies"]
    terminated: Bool[Tensor, "members copies"]
    truncated: Bool[Tensor, "members copies"]
    final_observations: Float[Tensor, "members copies ..."]

    @property
    def ended(self) -> Bool[Tensor, "members copies"]:
        """Whether an episode ended, for whichever reason."""
        return self.terminated | self.truncated


class MemberWorlds:
    """Worlds with the copies of all members: member m has the copies m x N to (m + 1) x N.

    Args:
        worlds: The copies of all members together.
        members: The number of members.

    Attributes:
        observations: What each copy is in now: [members, copies, *observation shape].
        episode_returns: The rewards of the present episode so far: [members, copies].
        episode_lengths: Its steps so far.
    """

    def __init__(self, worlds: VectorWorlds, members: int) -> None:
        self.worlds, self.members, self.copies = worlds, members, worlds.copies // members
        self.episode_returns = torch.zeros(members, self.copies, device=worlds.device)
        self.episode_lengths = torch.zeros(members, self.copies, dtype=torch.int64, device=worlds.device)
        expected = (worlds.copies, *worlds.observation_space.shape)
        if tuple(worlds.observations.shape) != expected:
            shape = tuple(worlds.observations.shape)
            raise DataError(
                _("The world '{name}' returned observations of shape {shape}.", name=worlds.name, shape=shape),
                expected=_("expected {shape}", shape=expected),
            )
        self.observations = self._split(worlds.observations)

    def step(self, actions: Tensor) -> Played:
        """Play a step.

        Args:
            actions: What the policies drew: [members, copies], or [members, copies, numbers] from -1 to 1.

        Raises:
            DataError: The world returned a reward or an observation that is not finite.
        """
        space = self.worlds.action_space
        step = self.worlds.step(to_world_actions(actions.flatten(0, 1), space))
        self._require_finite(step.rewards, step.final_observations)
        played = Played(*map(self._split, (step.rewards, step.terminated, step.truncated, step.final_observations)))
        self.observations = self._split(step.observations)
        self.episode_returns = self.episode_returns + played.rewards
        self.episode_lengths = self.episode_lengths + 1
        return played

    def restart(self, ended: Bool[Tensor, "members copies"]) -> None:
        """Begin to count anew where an episode ended."""
        self.episode_returns = self.episode_returns.masked_fill(ended, 0.0)
        self.episode_lengths = self.episode_lengths.masked_fill(ended, 0)

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to continue in the middle of the episodes."""
        return {
            "worlds": self.worlds.state_dict(),
            "episode_returns": self.episode_returns,
            "episode_lengths": self.episode_lengths,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where the state was saved."""
        self.worlds.load_state_dict(state["worlds"])
        self.observations = self._split(self.worlds.observations)
        self.episode_returns = state["episode_returns"].to(self.worlds.device)
        self.episode_lengths = state["episode_lengths"].to(self.worlds.device)

    def _split(self, values: Tensor) -> Tensor:
        return values.unflatten(0, (self.members, self.copies))

    def _require_finite(self, rewards: Tensor, observations: Tensor) -> None:
        # A sum is finite where its parts are, and one number is read instead of two masks.
        if torch.isfinite(rewards.sum() + observations.sum()):
            return
        is_reward = not bool(torch.isfinite(rewards).all())
        values = rewards if is_reward else observations.flatten(1)
        wrong = ~torch.isfinite(values)
        if not wrong.any():  # finite numbers so large that their sum is not
            return
        copy = int(wrong.nonzero()[0, 0])
        place = {
            "name": self.worlds.name,
            "copy": copy,
            "steps": int(self.episode_lengths.flatten()[copy]) + 1,
            "value": str(values[copy].tolist())[:80],
        }
        raise DataError(
            _("The world '{name}' returned a reward that is not finite, in copy {copy} after {steps} steps of an "
              "episode: {value}.", **place)
            if is_reward
            else _("The world '{name}' returned an observation that is not finite, in copy {copy} after {steps} steps "
                   "of an episode: {value}.", **place),
            expected=_("expected finite numbers"),
            hint=_("correct its function step or observe: a division by zero, or a number that grows without limit"),
        )  # fmt: skip
