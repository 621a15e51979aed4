"""The world of skirmishes: a team of units against the heuristic player, or against units with the same network.

    world = Skirmish("2s3z")
    state = world.reset(make_keys(seed=0, copies=128))
    observations = world.observe(state)                     # [128, 5, 97]: one for each unit of the first team
    legal = world.legal_actions(state)                      # [128, 5, 10]
    state, outcome = world.step(state, actions)             # actions: int64 [128, 5]

It differs from other worlds in that a copy has several agents, which share one reward: actions are [copies, agents],
observations [copies, agents, features] and legal actions [copies, agents, actions]. `actions` is the space of one
agent's action, `observations` that of all agents of a copy.

With `opponent="self"` the agents are the units of both teams. The second team sees the battle in a mirror, and its
reward is the negative of that which `step` returns (`signs`). A finished battle does not change any more, whatever the
actions, and its rewards are 0.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from jaxtyping import Bool, Float, Float64, Int64, UInt8
from torch import Tensor

from axone.play.simulation import Outcome, State, World
from axone.play.skirmish import battle, observation
from axone.play.skirmish.battle import LOST, RUNNING, TIMED_OUT, WON
from axone.play.skirmish.drawing import draw_image, draw_text
from axone.play.skirmish.functions import TENSORS, Functions
from axone.play.skirmish.rules import Rules, make_rules
from axone.play.skirmish.scenarios import Scenario, find_scenario
from axone.play.spaces import Continuous, Discrete

Opponent = Literal["heuristic", "self"]


class TeamOutcome(NamedTuple):
    """What a step led to, for both teams of each copy.

    Args:
        rewards: The reward of each team: the share of the other's health that it removed, and 1 for a win.
        terminated: Whether a team is dead, or both are.
        truncated: Whether the step limit ended the battle.
    """

    rewards: Float64[Tensor, "copies 2"]
    terminated: Bool[Tensor, " copies"]
    truncated: Bool[Tensor, " copies"]


class Skirmish(World):
    """A battle of two teams of units.

    Its state has, besides the keys of a `World`: "positions" and "starts" (float64 [copies, units, 2]: cells), "health"
    and "cooldown" (float64 [copies, units]), "last_actions" (int64 [copies, units]) and "result" (int64 [copies]:
    `battle.RUNNING`, WON, LOST, DRAWN or TIMED_OUT). Units are those of the first team, then those of the second.

    Args:
        scenario: A scenario, its name, or the path of a CSV file.
        opponent: "heuristic": the agents are the first team; "self": both teams.
        functions: What computes: tensor operations, or kernels (see `kernels`).

    Attributes:
        agents: The number of units that actions are for.
        teams: The number of teams that the agents are of.
        features: The length of what one unit sees.
        battle_features: The length of the features of the whole battle.
        signs: For each agent, the factor that makes its team's reward of that of `step`: 1, or -1.
        table: The action table.

    Raises:
        UsageError: There is no such scenario.
        DataError: The file is no scenario.
    """

    name = "skirmish"

    def __init__(
        self,
        scenario: Scenario | str = "3m",
        *,
        opponent: Opponent = "heuristic",
        functions: Functions = TENSORS,
    ) -> None:
        self.scenario = find_scenario(scenario) if isinstance(scenario, str) else scenario
        self.opponent: Opponent = opponent
        self.functions = functions
        rules = make_rules(self.scenario)
        self.teams = 2 if opponent == "self" else 1
        self.agents = rules.units if opponent == "self" else rules.allies
        self.signs = (1.0,) * rules.allies + (-1.0,) * (self.agents - rules.allies)
        self.table = self.scenario.table
        self.features = observation.count_features(rules)
        self.battle_features = observation.count_battle_features(rules)
        self.observations = Continuous((self.agents, self.features))
        self.actions = Discrete(self.table.count, self.table.names)
        self.max_steps = self.scenario.step_limit

    def rules(self, state: State) -> Rules:
        """Return the numbers of the scenario on the device of a state."""
        return make_rules(self.scenario, state["health"].device)

    def reset(self, keys: Int64[Tensor, " copies"]) -> State:
        """Return a new battle for each key."""
        return battle.start_battle(keys, make_rules(self.scenario, keys.device))

    def step(self, state: State, actions: Int64[Tensor, "copies agents"]) -> tuple[State, Outcome]:
        """Return the state after a step, and the reward that the agents of the first team share.

        Against the heuristic player it is the share of the enemies' health that was removed, and 1 for a win, as in
        SMAC. In self-play, the other team's reward is subtracted, so that no team gains by what helps both.
        """
        if self.opponent == "self":
            allies = self.scenario.sizes[0]
            state, outcome = self.step_teams(state, actions[:, :allies], actions[:, allies:])
            rewards = outcome.rewards[:, 0] - outcome.rewards[:, 1]
        else:
            state, outcome = self._step(state, torch.cat([actions, self.choose_heuristic(state, 1)], 1))
            rewards = outcome.rewards[:, 0]
        return state, Outcome(rewards.float(), outcome.terminated, outcome.truncated)

    def step_teams(
        self, state: State, first: Int64[Tensor, "copies allies"], second: Int64[Tensor, "copies enemies"]
    ) -> tuple[State, TeamOutcome]:
        """Return the state after a step of both teams. The second team's east and west are those of its mirror."""
        mirror = torch.tensor(self.table.mirror, device=second.device)
        return self._step(state, torch.cat([first, mirror[second]], 1))

    def _step(self, state: State, actions: Int64[Tensor, "copies units"]) -> tuple[State, TeamOutcome]:
        new = self.advance(state, actions)
        running, result = state["result"] == RUNNING, new["result"]
        removed = battle.share_removed(state["health"], new["health"], self.rules(state))
        won = torch.stack([running & (result == WON), running & (result == LOST)], 1)
        truncated = result == TIMED_OUT
        return new, TeamOutcome(removed + won, (result != RUNNING) & ~truncated, truncated)

    def observe(self, state: State) -> Float[Tensor, "copies agents features"]:
        """Return what each agent sees."""
        return torch.cat([self.observe_team(state, team) for team in range(self.teams)], 1)

    def legal_actions(self, state: State) -> Bool[Tensor, "copies agents actions"]:
        """Return what each agent may do."""
        return torch.cat([self.legal_team(state, team) for team in range(self.teams)], 1)

    def advance(self, state: State, actions: Int64[Tensor, "copies units"]) -> State:
        """Return the state after an action of every unit, in the directions of the map: see `battle.advance`."""
        return self.functions.advance(state, actions, self.rules(state))

    def choose_heuristic(self, state: State, team: int) -> Int64[Tensor, "copies team_units"]:
        """Return the heuristic player's actions, in the directions of the map: see `heuristic.py`."""
        return self.functions.choose_heuristic(state, team, self.rules(state))

    def observe_team(self, state: State, team: int) -> Float[Tensor, "copies team_units features"]:
        """Return what each unit of a team sees: see `observation.py`."""
        return self.functions.observe_team(state, team, self.rules(state))

    def legal_team(self, state: State, team: int) -> Bool[Tensor, "copies team_units actions"]:
        """Return what each unit of a team may do."""
        return self.functions.find_legal(state, team, self.rules(state))

    def observe_battle(self, state: State) -> Float[Tensor, "copies teams features"]:
        """Return the features of all units as each team of the agents sees the map, for a centralized critic."""
        rules = self.rules(state)
        return torch.stack([self.functions.observe_battle(state, team, rules) for team in range(self.teams)], 1)

    def kernels(self) -> Skirmish:
        """Return the same world with functions that run as numba kernels on the CPU."""
        from axone.play.skirmish.kernels.functions import KERNELS

        return Skirmish(self.scenario, opponent=self.opponent, functions=KERNELS)

    def render_text(self, state: State, copy: int = 0) -> str:
        """Return a battle as a map of letters, with the health of each unit."""
        return draw_text(state, copy, self.scenario)

    def render_image(self, state: State, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return a battle as an image: bodies with their health, attacks as lines, the map's border."""
        return draw_image(state, copy, self.scenario)
