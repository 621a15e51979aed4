"""The world of skirmishes on numba kernels: the second body of `Skirmish`, equal to it to the bit."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.play.simulation import State
from axone.play.skirmish import kernels, observation
from axone.play.skirmish.rules import Rules
from axone.play.skirmish.world import Skirmish

Array = np.ndarray


class KernelSkirmish(Skirmish):
    """`Skirmish` whose functions run as kernels on the CPU. Its arguments are those of `Skirmish`."""

    def kernels(self) -> KernelSkirmish:
        """Return the world itself."""
        return self

    def advance(self, state: State, actions: Int64[Tensor, "copies units"]) -> State:
        """Return the state after an action of every unit: see `battle.advance`."""
        rules = self.rules(state)
        names = ("counter", "steps", "result", "positions", "health", "cooldown", "last_actions")
        new = {name: torch.empty_like(state[name]) for name in names}
        kernels.advance(
            _view(state["key"]),
            *(_view(state[name]) for name in names),
            _view(actions),
            *(new[name].numpy() for name in names),
            rules.allies,
            rules.side,
            rules.walls_kill,
            rules.step_limit,
            *_views(rules, "stride", "effect", "range_squared", "radius", "health", "cooldown"),
            *_views(rules, "first_target", "target_count", "directions"),
        )
        return {**state, **new}

    def choose_heuristic(self, state: State, team: int) -> Int64[Tensor, "copies team_units"]:
        """Return the heuristic player's actions: see `heuristic.py`."""
        rules = self.rules(state)
        own = rules.team(team)
        actions = torch.empty(len(state["key"]), own.stop - own.start, dtype=torch.int64)
        kernels.choose_heuristic(
            *(_view(state[name]) for name in ("key", "counter", "positions", "starts", "health", "last_actions")),
            actions.numpy(),
            own.start,
            own.stop,
            rules.allies,
            rules.side,
            *_views(rules, "heals", "sight", "range_squared", "health", "first_target", "target_count"),
        )
        return actions

    def observe_team(self, state: State, team: int) -> Float[Tensor, "copies team_units features"]:
        """Return what each unit of a team sees: see `observation.py`."""
        rules = self.rules(state)
        own = rules.team(team)
        rows = torch.empty(len(state["key"]), own.stop - own.start, self.features)
        kernels.observe_team(
            *(_view(state[name]) for name in ("positions", "health", "cooldown", "last_actions")),
            rows.numpy(),
            own.start,
            own.stop,
            rules.allies,
            rules.side,
            rules.slots,
            observation.count_types(rules),
            team == 1,
            *_views(rules, "heals", "sight", "range_squared", "health"),
            _longest(rules),
            *_views(rules, "first_target", "target_count", "type", "directions"),
        )
        return rows

    def observe_battle(self, state: State, team: int = 0) -> Float[Tensor, "copies features"]:
        """Return the features of all units as a team sees the map, for a centralized critic."""
        rules = self.rules(state)
        rows = torch.empty(len(state["key"]), self.battle_features)
        kernels.observe_battle(
            *(_view(state[name]) for name in ("positions", "health", "cooldown")),
            rows.numpy(),
            rules.team(team).start,
            rules.allies,
            rules.side,
            rules.slots,
            observation.count_types(rules),
            team == 1,
            *_views(rules, "health"),
            _longest(rules),
            *_views(rules, "type"),
        )
        return rows

    def legal_team(self, state: State, team: int) -> Bool[Tensor, "copies team_units actions"]:
        """Return what each unit of a team may do."""
        rules = self.rules(state)
        own = rules.team(team)
        legal = torch.empty(len(state["key"]), own.stop - own.start, self.table.count, dtype=torch.bool)
        kernels.find_legal(
            *(_view(state[name]) for name in ("positions", "health")),
            legal.numpy(),
            own.start,
            own.stop,
            rules.slots,
            *_views(rules, "heals", "range_squared", "health", "first_target", "target_count"),
        )
        return legal


def _view(values: Tensor) -> Array:
    return values.contiguous().numpy()


def _views(rules: Rules, *names: str) -> list[Array]:
    return [_view(getattr(rules, name)) for name in names]


def _longest(rules: Rules) -> float:
    return max(float(rules.cooldown.max()), 1e-3)
