"""A step of a battle as kernels: see `axone.play.skirmish.battle`."""

from __future__ import annotations

from typing import no_type_check

import numpy as np

from axone.play.compilation import kernel
from axone.play.random_kernels import uniform
from axone.play.skirmish.actions import FIRST_TARGET, STOP
from axone.play.skirmish.battle import DRAWN, FINE, LOST, RUNNING, TIMED_OUT, WON
from axone.play.skirmish.rules import SECONDS, TICKS


@kernel
@no_type_check
def push_apart(x, y, alive, radius, side, new_x, new_y):
    """Write positions after overlapping bodies have pushed each other apart: see `battle.push_apart`."""
    units = len(x)
    for i in range(units):
        new_x[i], new_y[i] = x[i], y[i]
        if not alive[i]:
            continue
        pushed_x = pushed_y = 0.0
        for j in range(units):
            if j == i or not alive[j]:
                continue
            dx, dy = x[i] - x[j], y[i] - y[j]
            squared = dx * dx + dy * dy
            reach = radius[i] + radius[j]
            if squared >= reach * reach * 1.0001:  # no overlap: most pairs, without a square root
                continue
            overlap = reach / (np.sqrt(squared) + 1e-6) - 1.0
            if overlap > 0.0:
                overlap *= 0.5
                pushed_x += np.floor(dx * overlap * FINE + 0.5) / FINE
                pushed_y += np.floor(dy * overlap * FINE + 0.5) / FINE
        new_x[i] = min(max(x[i] + pushed_x, 0.0), side)
        new_y[i] = min(max(y[i] + pushed_y, 0.0), side)


@kernel
@no_type_check
def advance(
    keys, counters, step_counts, results, positions, healths, cooldowns, last_actions, actions,
    new_counters, new_step_counts, new_results, new_positions, new_healths, new_cooldowns, new_last_actions,
    allies, side, walls_kill, step_limit, stride, effect, range_squared, radius, full_health, base_cooldown,
    first_target, target_count, directions,
):  # fmt: skip
    """Write the state after 8 world steps into the arrays that begin with `new_`: see `battle.advance`."""
    copies, units = actions.shape
    x, y, next_x, next_y = np.empty(units), np.empty(units), np.empty(units), np.empty(units)
    dx, dy = np.empty(units), np.empty(units)
    target = np.empty(units, np.int64)
    alive, acts = np.empty(units, np.bool_), np.empty(units, np.bool_)
    for n in range(copies):
        health, cooldown = new_healths[n], new_cooldowns[n]
        for u in range(units):
            health[u], cooldown[u] = healths[n, u], cooldowns[n, u]
            new_positions[n, u, 0], new_positions[n, u, 1] = positions[n, u, 0], positions[n, u, 1]
            new_last_actions[n, u] = last_actions[n, u]
        new_counters[n], new_step_counts[n], new_results[n] = counters[n], step_counts[n], results[n]
        if results[n] != RUNNING:
            continue
        for u in range(units):
            x[u], y[u] = positions[n, u, 0], positions[n, u, 1]
            action = actions[n, u]
            new_last_actions[n, u] = action if health[u] > 0.0 else STOP
            number = action - FIRST_TARGET
            target[u] = first_target[u] + number if 0 <= number < target_count[u] else -1
            if target[u] == u:  # no unit heals itself
                target[u] = -1
            move = min(max(action, 0), STOP)
            dx[u], dy[u] = directions[move, 0] * stride[u], directions[move, 1] * stride[u]
        for tick in range(TICKS):
            for u in range(units):
                alive[u] = health[u] > 0.0
            for u in range(units):
                acts[u] = False
                t = target[u]
                if t >= 0 and alive[u] and alive[t] and cooldown[u] <= 0.0:
                    to_x, to_y = x[t] - x[u], y[t] - y[u]
                    acts[u] = to_x * to_x + to_y * to_y < range_squared[u]
            for u in range(units):
                if acts[u]:
                    health[target[u]] += effect[u]
            for u in range(units):
                health[u] = min(max(health[u], 0.0), full_health[u])
                if acts[u]:
                    draw = uniform(keys[n], counters[n] + (tick * units + u))
                    cooldown[u] = base_cooldown[u] + (draw * 3.0 - 1.0) * SECONDS
                else:
                    cooldown[u] = max(cooldown[u] - SECONDS, 0.0)
                if alive[u]:
                    x[u] = min(max(x[u] + dx[u], 0.0), side)
                    y[u] = min(max(y[u] + dy[u], 0.0), side)
                if walls_kill and (x[u] <= 0.0 or x[u] >= side or y[u] <= 0.0 or y[u] >= side):
                    health[u] = 0.0
                alive[u] = health[u] > 0.0
            push_apart(x, y, alive, radius, side, next_x, next_y)
            x, next_x = next_x, x
            y, next_y = next_y, y
        stays = fights = False
        for u in range(units):
            new_positions[n, u, 0], new_positions[n, u, 1] = x[u], y[u]
            if health[u] > 0.0:
                if u < allies:
                    stays = True
                else:
                    fights = True
        new_counters[n] = counters[n] + (TICKS + 2) * units
        new_step_counts[n] = step_counts[n] + 1
        if stays and fights:
            new_results[n] = TIMED_OUT if new_step_counts[n] >= step_limit else RUNNING
        elif stays:
            new_results[n] = WON
        else:
            new_results[n] = LOST if fights else DRAWN
