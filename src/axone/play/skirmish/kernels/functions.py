"""The kernels as functions of a state and the rules, like those of `axone.play.skirmish.functions`."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int64
from torch import Tensor

from axone.play.compilation import arrays
from axone.play.simulation import State
from axone.play.skirmish.functions import Functions
from axone.play.skirmish.kernels import battle, heuristic
from axone.play.skirmish.kernels import observation as observation_kernels
from axone.play.skirmish.observation import count_battle_features, count_features, count_types
from axone.play.skirmish.rules import Rules


def advance(state: State, actions: Int64[Tensor, "copies units"], rules: Rules) -> State:
    """Return the state after an action of every unit: see `battle.advance`."""
    names = ("counter", "steps", "result", "positions", "health", "cooldown", "last_actions")
    new = {name: torch.empty_like(state[name], memory_format=torch.contiguous_format) for name in names}
    battle.advance(
        *arrays(state["key"], *(state[name] for name in names), actions, *new.values()),
        rules.allies,
        rules.side,
        rules.walls_kill,
        rules.step_limit,
        *read_arrays(rules, "stride", "effect", "range_squared", "radius", "health", "cooldown"),
        *read_arrays(rules, "first_target", "target_count", "directions"),
    )
    return {**state, **new}


def choose_heuristic(state: State, team: int, rules: Rules) -> Int64[Tensor, "copies team_units"]:
    """Return the heuristic player's actions: see `heuristic.choose_heuristic`."""
    own = rules.team(team)
    actions = torch.empty(len(state["key"]), own.stop - own.start, dtype=torch.int64)
    heuristic.choose_heuristic(
        *arrays(*(state[name] for name in ("key", "counter", "positions", "starts", "health", "last_actions"))),
        *arrays(actions),
        own.start,
        own.stop,
        rules.allies,
        rules.side,
        *read_arrays(rules, "heals", "sight", "range_squared", "health", "first_target", "target_count"),
    )
    return actions


def observe_team(state: State, team: int, rules: Rules) -> Float32[Tensor, "copies team_units features"]:
    """Return what each unit of a team sees: see `observation.observe_team`."""
    own = rules.team(team)
    rows = torch.empty(len(state["key"]), own.stop - own.start, count_features(rules))
    observation_kernels.observe_team(
        *arrays(*(state[name] for name in ("positions", "health", "cooldown", "last_actions")), rows),
        own.start,
        own.stop,
        rules.allies,
        rules.side,
        rules.slots,
        count_types(rules),
        team == 1,
        *read_arrays(rules, "heals", "sight", "range_squared", "health"),
        rules.longest_cooldown,
        *read_arrays(rules, "first_target", "target_count", "type", "directions"),
    )
    return rows


def observe_battle(state: State, team: int, rules: Rules) -> Float32[Tensor, "copies features"]:
    """Return the features of all units: see `observation.observe_battle`."""
    rows = torch.empty(len(state["key"]), count_battle_features(rules))
    observation_kernels.observe_battle(
        *arrays(*(state[name] for name in ("positions", "health", "cooldown")), rows),
        rules.team(team).start,
        rules.allies,
        rules.side,
        rules.slots,
        count_types(rules),
        team == 1,
        *read_arrays(rules, "health"),
        rules.longest_cooldown,
        *read_arrays(rules, "type"),
    )
    return rows


def find_legal(state: State, team: int, rules: Rules) -> Bool[Tensor, "copies team_units actions"]:
    """Return what each unit of a team may do: see `observation.find_legal`."""
    own = rules.team(team)
    legal = torch.empty(len(state["key"]), own.stop - own.start, rules.actions, dtype=torch.bool)
    observation_kernels.find_legal(
        *arrays(*(state[name] for name in ("positions", "health")), legal),
        own.start,
        own.stop,
        *read_arrays(rules, "heals", "range_squared", "health", "first_target", "target_count"),
    )
    return legal


def read_arrays(rules: Rules, *names: str) -> list[np.ndarray]:
    """Return some of the numbers of the units as arrays."""
    return arrays(*(getattr(rules, name) for name in names))


KERNELS = Functions(advance, choose_heuristic, observe_team, observe_battle, find_legal)
