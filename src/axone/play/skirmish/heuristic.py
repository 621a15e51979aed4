"""The heuristic player of SMAX: attack what is in range, else chase what is in sight, else go to the other side.

Each unit decides by itself, from what it sees:

1. If its last target is still in range, it attacks that, else the closest enemy in range.
2. If no enemy is in range, it moves towards a random one in sight.
3. If none is in sight, it moves towards the point opposite to its start: the start turned by 180 degrees around the
   middle of the map.

It moves in the direction, of the four, that leads farthest towards its aim. A unit that heals has the same plan with
hurt allies in place of enemies; where none is in sight, it follows a random ally that fights, up to its range.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float64, Int64
from torch import Tensor

from axone.play.random import uniform
from axone.play.simulation import State
from axone.play.skirmish.actions import FIRST_TARGET, STOP
from axone.play.skirmish.rules import TICKS, Rules


def choose_heuristic(state: State, team: int, rules: Rules) -> Int64[Tensor, "copies team_units"]:
    """Return the action of each unit of a team, in the map's own directions (not mirrored)."""
    own, units = rules.team(team), rules.units
    positions, health = state["positions"], state["health"]
    alive = health > 0
    numbers = torch.arange(units, device=positions.device)
    rows = numbers[own]
    dx = positions[:, None, :, 0] - positions[:, own, None, 0]  # [N, T, U], from a unit of the team to any unit
    dy = positions[:, None, :, 1] - positions[:, own, None, 1]
    squared = dx * dx + dy * dy

    is_own = (numbers >= rules.allies) == bool(team)
    is_other_unit = rows[:, None] != numbers
    hurt = (health < rules.health)[:, None, :]
    heals = rules.heals[own, None]
    suitable = alive[:, None, :] & torch.where(heals, is_own & is_other_unit & hurt, ~is_own)
    followed = alive[:, None, :] & heals & is_own & ~rules.heals & is_other_unit
    sight = rules.sight[own, None]
    in_sight = squared < sight * sight
    in_range = squared < rules.range_squared[own, None]

    # 1. The last target while it is in range, else the closest.
    ready = suitable & in_range
    last = state["last_actions"][:, own] - FIRST_TARGET
    had_target = (last >= 0) & (last < rules.target_count[own])
    last = torch.where(had_target, rules.first_target[own] + last, 0)
    keeps = had_target & ready.gather(2, last[:, :, None]).squeeze(2)
    closest = torch.where(ready, squared, torch.inf).argmin(2)
    target = torch.where(keeps, last, closest)

    # 2. A random one in sight, else (for healers) a random ally that fights.
    draws = state["counter"][:, None] + TICKS * units + 2 * rows
    first, second = (uniform(state["key"][:, None], draws + number) for number in (0, 1))
    chased, sees = pick(suitable & in_sight, first)
    friend, has_friend = pick(followed & in_sight, second)
    aim_number = torch.where(sees, chased, friend)
    waits = ~sees & has_friend & in_range.gather(2, friend[:, :, None]).squeeze(2)

    # 3. Else the point opposite to the start.
    opposite = rules.side - state["starts"][:, own]
    seen = positions.gather(1, aim_number[:, :, None].expand(-1, -1, 2))
    aim = torch.where((sees | has_friend)[:, :, None], seen, opposite)
    move = torch.where(waits, STOP, find_direction(aim - positions[:, own]))

    action = torch.where(ready.any(2), target - rules.first_target[own] + FIRST_TARGET, move)
    return torch.where(alive[:, own], action, STOP)


def pick(
    candidates: Bool[Tensor, "copies team_units units"], draw: Float64[Tensor, "copies team_units"]
) -> tuple[Int64[Tensor, "copies team_units"], Bool[Tensor, "copies team_units"]]:
    """Return a random candidate for each unit, 0 where there is none, and whether there is one."""
    places = candidates.cumsum(2)
    count = places[..., -1]
    chosen = (draw * count).long() + 1
    return (candidates & (places == chosen[:, :, None])).long().argmax(2), count > 0


def find_direction(vector: Float64[Tensor, "copies team_units 2"]) -> Int64[Tensor, "copies team_units"]:
    """Return the move (north, east, south, west) that leads farthest along a vector; the first of equal ones."""
    x, y = vector.unbind(2)
    best, action = y, torch.zeros_like(y, dtype=torch.int64)
    for number, value in ((1, x), (2, -y), (3, -x)):
        better = value > best
        best, action = torch.where(better, value, best), torch.where(better, number, action)
    return action
