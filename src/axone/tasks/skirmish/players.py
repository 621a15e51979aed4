"""Who moves the first team of some battles: a trained network, the heuristic player, or random numbers."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Int64
from torch import Tensor, nn

from axone.play.skirmish.battles import Battles
from axone.tasks.skirmish.policy import initial_memory, masked, reset_where, respond


@runtime_checkable
class Player(Protocol):
    """Someone who chooses actions."""

    def choose(self, battles: Battles) -> Int64[Tensor, "copies agents"]:
        """Return the action of each unit."""

    def restart(self, ended: Bool[Tensor, " copies"]) -> None:
        """Forget the battles that have ended."""


class NetworkPlayer:
    """A trained network.

    Args:
        network: The network of the units.
        battles: The battles that it will play.
        explore: Whether actions are drawn; otherwise each unit does what is most probable.
    """

    def __init__(self, network: nn.Module, battles: Battles, *, explore: bool = False) -> None:
        self.network, self.explore = network.eval(), explore
        self.memory = initial_memory(network, battles.copies, battles.world.agents)

    @torch.no_grad()
    def choose(self, battles: Battles) -> Int64[Tensor, "copies agents"]:
        """Return the action of each unit."""
        situation = battles.situation
        outputs, self.memory = respond(self.network, situation.observations, self.memory)
        policy = masked(outputs["policy"], situation.legal)
        return policy.sample() if self.explore else policy.mode()

    def restart(self, ended: Bool[Tensor, " copies"]) -> None:
        """Forget the battles that have ended."""
        self.memory = reset_where(ended, self.memory)


class HeuristicPlayer:
    """The heuristic player."""

    def choose(self, battles: Battles) -> Int64[Tensor, "copies agents"]:
        """Return the action of each unit."""
        return battles.world.choose_heuristic(battles.state, 0)

    def restart(self, ended: Bool[Tensor, " copies"]) -> None:
        """Do nothing: it remembers no more than the state of the battle does."""


class RandomPlayer(HeuristicPlayer):
    """Draws from the legal actions, all with the same probability."""

    def choose(self, battles: Battles) -> Int64[Tensor, "copies agents"]:
        """Return the action of each unit."""
        legal = battles.situation.legal
        return masked(torch.zeros_like(legal, dtype=torch.float32), legal).sample()
