"""The rules of a battle as tensor operations, the reference: movement, attacks, healing, walls, bodies.

A step of the agents is 8 world steps of 1/16 s with the same actions. In each world step, in this order:

1. A living unit whose action names a living target in range, and whose cooldown is over, attacks or heals. All do so at
   once: two units can kill each other, and the healing of a moment counts against its damage. A unit that dies is not
   healed back.
2. Its cooldown begins, with a random part of -1/16 to 2/16 s; that of all others passes.
3. Living units move. A unit that touches the border of the map dies, or is stopped, as the scenario says.
4. Bodies of living units that overlap push each other apart, half of the overlap each.

Dead units neither move nor collide nor act. Sums do not depend on their order, so that the kernels and every device
compute the same bits: health is a multiple of 1/1024, and what bodies push is rounded to 2^-20 cells. The rules are
those of SMAX, with the healing of medics; there, cooldowns fall below zero, and a battle stops one step later.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float64, Int64
from torch import Tensor

from axone.play.random import uniform
from axone.play.simulation import State
from axone.play.skirmish.actions import FIRST_TARGET, STOP
from axone.play.skirmish.rules import SECONDS, TICKS, Rules

RUNNING, WON, LOST, DRAWN, TIMED_OUT = range(5)  # the result of a battle, as the first team sees it
SPREAD = 2.0  # cells: how far units start from their place, in either direction
FINE = 2.0**20  # what bodies push is a multiple of 1 / FINE cells


def start_battle(keys: Int64[Tensor, " copies"], rules: Rules) -> State:
    """Return a battle for each key: units around their places, healthy and ready."""
    copies, units = len(keys), rules.units
    draws = torch.arange(2 * units, device=keys.device)
    noise = (uniform(keys[:, None], draws) * 2.0 - 1.0) * SPREAD
    alive = torch.ones(copies, units, dtype=torch.bool, device=keys.device)
    positions = push_apart(rules.starts + noise.reshape(copies, units, 2), alive, rules)
    zeros = torch.zeros(copies, units, dtype=torch.float64, device=keys.device)
    return {
        "key": keys,
        "counter": torch.full_like(keys, 2 * units),
        "steps": torch.zeros_like(keys),
        "result": torch.full_like(keys, RUNNING),
        "positions": positions,
        "starts": positions,
        "health": zeros + rules.health,
        "cooldown": zeros,
        "last_actions": torch.full((copies, units), STOP, dtype=torch.int64, device=keys.device),
    }


def advance(state: State, actions: Int64[Tensor, "copies units"], rules: Rules) -> State:
    """Return the state after 8 world steps in which each unit does its action; a finished battle does not change.

    The stream of random numbers moves by one number for each unit and world step, and two more for each unit, which
    the heuristic player draws (see `heuristic.py`).
    """
    units = rules.units
    numbers = torch.arange(units, device=actions.device)
    positions, health, cooldown = state["positions"], state["health"], state["cooldown"]
    acted_alive = health > 0
    targets, has_target = find_targets(actions, rules)
    steps = rules.directions[actions.clamp(0, STOP)] * rules.stride[:, None]  # [N, U, 2]
    for tick in range(TICKS):
        alive = health > 0
        # 1. Attacks and healing, all at once.
        distance = positions.gather(1, targets[:, :, None].expand(-1, -1, 2)) - positions
        near = (distance[..., 0] * distance[..., 0] + distance[..., 1] * distance[..., 1]) < rules.range_squared
        acts = has_target & alive & alive.gather(1, targets) & near & (cooldown <= 0)
        effect = torch.where(acts, rules.effect, 0.0)
        health = torch.minimum(health.scatter_add(1, targets, effect).clamp(min=0), rules.health)
        # 2. Cooldowns.
        draws = state["counter"][:, None] + (tick * units + numbers)
        noise = (uniform(state["key"][:, None], draws) * 3.0 - 1.0) * SECONDS
        cooldown = torch.where(acts, rules.cooldown + noise, (cooldown - SECONDS).clamp(min=0))
        # 3. Movement and walls.
        positions = torch.where(alive[:, :, None], (positions + steps).clamp(0, rules.side), positions)
        if rules.walls_kill:
            outside = ((positions <= 0) | (positions >= rules.side)).any(2)
            health = torch.where(outside, 0.0, health)
        # 4. Bodies.
        positions = push_apart(positions, health > 0, rules)
    running = state["result"] == RUNNING
    steps_done = state["steps"] + running
    new = {
        "positions": positions,
        "health": health,
        "cooldown": cooldown,
        "last_actions": torch.where(acted_alive, actions, STOP),
    }
    changed = {name: torch.where(_as(running, value), value, state[name]) for name, value in new.items()}
    result = torch.where(running, find_result(health, steps_done, rules), state["result"])
    counter = state["counter"] + torch.where(running, (TICKS + 2) * units, 0)
    return {**state, **changed, "counter": counter, "steps": steps_done, "result": result}


def find_targets(
    actions: Int64[Tensor, "copies units"], rules: Rules
) -> tuple[Int64[Tensor, "copies units"], Bool[Tensor, "copies units"]]:
    """Return the number of each unit's target among the units of both teams, and whether its action has one.

    A unit whose action has none gets its own number. No unit heals itself.
    """
    number = actions - FIRST_TARGET
    own = torch.arange(rules.units, device=actions.device)
    target = rules.first_target + number
    has_target = (number >= 0) & (number < rules.target_count) & (target != own)
    return torch.where(has_target, target, own), has_target


def push_apart(
    positions: Float64[Tensor, "copies units 2"], alive: Bool[Tensor, "copies units"], rules: Rules
) -> Float64[Tensor, "copies units 2"]:
    """Return the positions after the bodies of living units that overlap have pushed each other apart."""
    x, y = positions.unbind(2)
    dx, dy = x[:, :, None] - x[:, None, :], y[:, :, None] - y[:, None, :]  # [N, U, U]
    distance = (dx * dx + dy * dy).sqrt() + 1e-6
    overlap = ((rules.radius[:, None] + rules.radius) / distance - 1.0).clamp(min=0) * 0.5
    overlap = torch.where(alive[:, :, None] & alive[:, None, :], overlap, 0.0)
    pushed_x, pushed_y = (((delta * overlap * FINE + 0.5).floor() / FINE).sum(2) for delta in (dx, dy))
    pushed = torch.stack([x + pushed_x, y + pushed_y], 2).clamp(0, rules.side)
    return torch.where(alive[:, :, None], pushed, positions)


def find_result(
    health: Float64[Tensor, "copies units"], steps: Int64[Tensor, " copies"], rules: Rules
) -> Int64[Tensor, " copies"]:
    """Return what a battle's result is after a number of steps."""
    stays, fights = ((health[:, rules.team(team)] > 0).any(1) for team in (0, 1))
    late = torch.where(steps >= rules.step_limit, TIMED_OUT, RUNNING)
    return torch.where(stays, torch.where(fights, late, WON), torch.where(fights, LOST, DRAWN))


def share_removed(
    before: Float64[Tensor, "copies units"], after: Float64[Tensor, "copies units"], rules: Rules
) -> Float64[Tensor, "copies 2"]:
    """Return the share of the other team's health that a step has removed, for each team; negative where it heals."""
    shares = []
    for team in (0, 1):
        other = rules.team(1 - team)
        shares.append((before[:, other].sum(1) - after[:, other].sum(1)) / rules.health[other].sum())
    return torch.stack(shares, 1)


def _as(mask: Tensor, values: Tensor) -> Tensor:
    return mask.reshape(-1, *[1] * (values.ndim - 1))
