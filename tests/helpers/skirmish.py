"""Battles in situations that tests write by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from axone.play.random import make_keys
from axone.play.skirmish.actions import STOP
from axone.play.skirmish.scenarios import Group, Scenario
from axone.play.skirmish.units import UNITS
from axone.play.skirmish.world import Skirmish

Units = Sequence[tuple[str, float, float]]


def make_battle(allies: Units, enemies: Units, *, walls="kill", health: Mapping[int, float] | None = None, **changes):
    """Return a world and the state of one battle: each unit is (type, x, y), with full health unless it is given."""
    first, second = (
        tuple(Group(replace(UNITS[name], **changes)) for name, _x, _y in team) for team in (allies, enemies)
    )
    world = Skirmish(Scenario("by hand", first, second, step_limit=20, walls=walls))
    state = world.reset(make_keys(0, 1))
    state["positions"] = torch.tensor([[(x, y) for _name, x, y in (*allies, *enemies)]], dtype=torch.float64)
    state["health"] = state["health"].clone()
    for unit, value in (health or {}).items():
        state["health"][0, unit] = value
    return world, state


def play(world, state, *actions, steps=1):
    """Return the state after each unit has done its action for some steps; STOP for units without one."""
    units = state["health"].shape[1]
    row = torch.tensor([[*actions, *[STOP] * (units - len(actions))]])
    for _step in range(steps):
        state = world.advance(state, row)
    return state


def draw_legal(legal, generator):
    """Return a random legal action for each agent."""
    chosen = torch.multinomial(legal.flatten(0, 1).float(), 1, generator=generator)
    return chosen.reshape(legal.shape[:2])
