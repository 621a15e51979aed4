"""Copies of a battle that begin anew by themselves: what units and a centralized critic see, and how battles end.

    battles = Battles("2s3z", copies=128, seed=0)
    observations, legal, battle = battles.situation
    played = battles.step(actions)                          # played.rewards, .terminated, .truncated, .results

They are `axone.play.batch.Worlds`, with the masks, the features of the whole battle and the results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.play.batch import Worlds
from axone.play.bodies import Body
from axone.play.simulation import State
from axone.play.skirmish.scenarios import Scenario
from axone.play.skirmish.world import Opponent, Skirmish


class Situation(NamedTuple):
    """What is known at one moment of some battles.

    Args:
        observations: What each unit sees.
        legal: What each unit may do.
        battle: The features of the whole battle, for each team of the agents.
    """

    observations: Float[Tensor, "copies agents features"]
    legal: Bool[Tensor, "copies agents actions"]
    battle: Float[Tensor, "copies teams battle_features"]


@dataclass(frozen=True)
class Played:
    """What a step of all battles led to.

    Args:
        rewards: The reward of the first team.
        terminated: Whether a team is dead.
        truncated: Whether the step limit ended the battle.
        results: How each battle ended: `battle.WON` and others; RUNNING for those that continue.
    """

    rewards: Float[Tensor, " copies"]
    terminated: Bool[Tensor, " copies"]
    truncated: Bool[Tensor, " copies"]
    results: Int64[Tensor, " copies"]

    @property
    def ended(self) -> Bool[Tensor, " copies"]:
        """Whether a battle ended, for whichever reason."""
        return self.terminated | self.truncated


class Battles:
    """Copies of a battle, of which each begins anew when it has ended.

    Args:
        scenario: A scenario, its name, or the path of a CSV file.
        copies: The number of copies.
        seed: The seed of all random numbers.
        opponent: Who moves the second team.
        device: Where their state lives.
        body: Which body of the world runs: see `choose_body`.

    Raises:
        UsageError: There is no such scenario, or the body is not available.
        DataError: The file is no scenario.
    """

    def __init__(
        self, scenario: Scenario | str, copies: int, *, seed: int = 0, opponent: Opponent = "heuristic",
        device: torch.device | str = "cpu", body: Body = "auto",
    ) -> None:  # fmt: skip
        self.worlds = Worlds(Skirmish(scenario, opponent=opponent), copies, seed=seed, device=device, body=body)
        self.copies, self.device = copies, self.worlds.device

    @property
    def world(self) -> Skirmish:
        """The world of which these are copies."""
        assert isinstance(self.worlds.world, Skirmish)
        return self.worlds.world

    @property
    def state(self) -> State:
        """The state now."""
        return self.worlds.state

    @property
    def final_state(self) -> State:
        """The state that the last step led to, before any new battle began."""
        return self.worlds.final_state

    @property
    def situation(self) -> Situation:
        """What is known now."""
        return self._see(self.state, self.worlds.observations)

    @property
    def final_situation(self) -> Situation:
        """What the last step led to, before any new battle began."""
        return self._see(self.final_state, self.world.observe(self.final_state))

    def _see(self, state: State, observations: Tensor) -> Situation:
        return Situation(observations, self.world.legal_actions(state), self.world.observe_battle(state))

    def step(self, actions: Int64[Tensor, "copies agents"]) -> Played:
        """Play a step of all battles."""
        step = self.worlds.step(actions)
        return Played(step.rewards, step.terminated, step.truncated, self.final_state["result"])

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to continue in the middle of the battles."""
        return self.worlds.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where the state was saved. Raises DataError when it is that of other battles."""
        self.worlds.load_state_dict(state)
