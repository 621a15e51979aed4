"""The functions of `battle.py`, `heuristic.py` and `observation.py` as loops that numba compiles for the CPU.

Each kernel passes once over the copies and computes the same numbers, by the same operations in the same order, as the
tensor operations, which are the reference: read those first. numba is imported with this file alone.
"""

from __future__ import annotations

from typing import no_type_check

import numpy as np

from axone.play.compilation import kernel
from axone.play.random_kernels import uniform
from axone.play.skirmish.actions import FIRST_TARGET, STOP
from axone.play.skirmish.battle import DRAWN, FINE, LOST, RUNNING, TIMED_OUT, WON
from axone.play.skirmish.observation import BATTLE, OTHER, OWN
from axone.play.skirmish.rules import SECONDS, TICKS

OWN_WIDTH, OTHER_WIDTH, BATTLE_WIDTH = len(OWN), len(OTHER), len(BATTLE)


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


@kernel
@no_type_check
def pick(candidates, draw):
    """Return a random candidate, 0 where there is none, and whether there is one: see `heuristic.pick`."""
    count = 0
    for u in range(len(candidates)):
        count += candidates[u]
    left = int(draw * count) + 1
    for u in range(len(candidates)):
        left -= candidates[u]
        if left == 0:
            return u, count > 0
    return 0, count > 0


@kernel
@no_type_check
def choose_heuristic(
    keys, counters, positions, starts, healths, last_actions, actions,
    begin, end, allies, side, heals, sight, range_squared, full_health, first_target, target_count,
):  # fmt: skip
    """Write the heuristic player's actions for units `begin` to `end`: see `heuristic.choose_heuristic`."""
    copies, units = healths.shape
    chased, followed = np.empty(units, np.bool_), np.empty(units, np.bool_)
    for n in range(copies):
        for i in range(begin, end):
            if healths[n, i] <= 0.0:
                actions[n, i - begin] = STOP
                continue
            best, closest, ready_any, keeps = np.inf, 0, False, False
            last = last_actions[n, i] - FIRST_TARGET
            last = first_target[i] + last if 0 <= last < target_count[i] else -1
            for j in range(units):
                chased[j] = followed[j] = False
                if healths[n, j] <= 0.0 or j == i:
                    continue
                is_own = begin <= j < end
                wanted = (is_own and healths[n, j] < full_health[j]) if heals[i] else not is_own
                follows = heals[i] and is_own and not heals[j]
                dx, dy = positions[n, j, 0] - positions[n, i, 0], positions[n, j, 1] - positions[n, i, 1]
                squared = dx * dx + dy * dy
                sees = squared < sight[i] * sight[i]
                chased[j], followed[j] = wanted and sees, follows and sees
                if wanted and squared < range_squared[i]:
                    ready_any = True
                    keeps |= j == last
                    if squared < best:
                        best, closest = squared, j
            if ready_any:
                actions[n, i - begin] = (last if keeps else closest) - first_target[i] + FIRST_TARGET
                continue
            counter = counters[n] + TICKS * units + 2 * i
            aim, has_aim = pick(chased, uniform(keys[n], counter))
            if not has_aim:
                aim, has_aim = pick(followed, uniform(keys[n], counter + 1))
                if has_aim:
                    dx, dy = positions[n, aim, 0] - positions[n, i, 0], positions[n, aim, 1] - positions[n, i, 1]
                    if dx * dx + dy * dy < range_squared[i]:
                        actions[n, i - begin] = STOP
                        continue
            aim_x = positions[n, aim, 0] if has_aim else side - starts[n, i, 0]
            aim_y = positions[n, aim, 1] if has_aim else side - starts[n, i, 1]
            to_x, to_y = aim_x - positions[n, i, 0], aim_y - positions[n, i, 1]
            largest, action = to_y, 0
            if to_x > largest:
                largest, action = to_x, 1
            if -to_y > largest:
                largest, action = -to_y, 2
            if -to_x > largest:
                action = 3
            actions[n, i - begin] = action


@kernel
@no_type_check
def observe_team(
    positions, healths, cooldowns, last_actions, rows, begin, end, allies, side, slots, types, mirrored, heals, sight,
    range_squared, full_health, longest, first_target, target_count, type_numbers, directions,
):  # fmt: skip
    """Write what units `begin` to `end` see into `rows`: see `observation.observe_team`."""
    copies, units = healths.shape
    width = OTHER_WIDTH + types
    flip = -1.0 if mirrored else 1.0
    attackers = np.empty(units)
    for n in range(copies):
        attackers[:] = 0.0
        for u in range(units):
            number = last_actions[n, u] - FIRST_TARGET
            if 0 <= number < target_count[u] and not heals[u] and healths[n, u] > 0.0:
                attackers[first_target[u] + number] += 1.0
        for u in range(units):
            attackers[u] = attackers[u] / (units - allies if u < allies else allies)
        for i in range(begin, end):
            row = rows[n, i - begin]
            row[:] = 0.0
            if healths[n, i] <= 0.0:
                continue
            row[0] = healths[n, i] / full_health[i]
            row[1] = (side - positions[n, i, 0] if mirrored else positions[n, i, 0]) / side
            row[2] = positions[n, i, 1] / side
            row[3] = min(cooldowns[n, i] / longest, 1.0)
            row[4] = attackers[i]
            if types:
                row[OWN_WIDTH + type_numbers[i]] = 1.0
            first = OWN_WIDTH + types
            for j in range(units):
                if j == i or healths[n, j] <= 0.0:
                    continue
                dx, dy = positions[n, j, 0] - positions[n, i, 0], positions[n, j, 1] - positions[n, i, 1]
                squared = dx * dx + dy * dy
                if not squared < sight[i] * sight[i]:
                    continue
                if begin <= j < end:
                    place = j - begin - (1 if j > i else 0)
                else:
                    place = slots - 1 + (j if begin else j - allies)
                at = first + place * width
                move = min(last_actions[n, j], STOP)
                row[at] = healths[n, j] / full_health[j]
                row[at + 1] = flip * dx / sight[i]
                row[at + 2] = dy / sight[i]
                row[at + 3] = min(cooldowns[n, j] / longest, 1.0)
                row[at + 4] = attackers[j]
                row[at + 5] = flip * directions[move, 0]
                row[at + 6] = directions[move, 1]
                row[at + 7] = 1.0 if squared < range_squared[i] else 0.0
                if types:
                    row[at + OTHER_WIDTH + type_numbers[j]] = 1.0


@kernel
@no_type_check
def observe_battle(
    positions, healths, cooldowns, rows, begin, allies, side, slots, types, mirrored, full_health, longest, type_numbers
):
    """Write the features of all units into `rows`: see `observation.observe_battle`."""
    copies, units = healths.shape
    width = BATTLE_WIDTH + types
    flip = -1.0 if mirrored else 1.0
    for n in range(copies):
        row = rows[n]
        row[:] = 0.0
        for u in range(units):
            if healths[n, u] <= 0.0:
                continue
            is_own = (u >= allies) == mirrored
            at = width * ((u - begin) if is_own else slots + (u if begin else u - allies))
            row[at] = healths[n, u] / full_health[u]
            row[at + 1] = flip * (positions[n, u, 0] / side - 0.5)
            row[at + 2] = positions[n, u, 1] / side - 0.5
            row[at + 3] = min(cooldowns[n, u] / longest, 1.0)
            if types:
                row[at + BATTLE_WIDTH + type_numbers[u]] = 1.0


@kernel
@no_type_check
def find_legal(positions, healths, legal, begin, end, heals, range_squared, full_health, first_target, target_count):
    """Write what units `begin` to `end` may do: see `observation.find_legal`."""
    copies = len(healths)
    for n in range(copies):
        for i in range(begin, end):
            row = legal[n, i - begin]
            row[:] = False
            row[STOP] = True
            if healths[n, i] <= 0.0:
                continue
            row[:STOP] = True
            for k in range(target_count[i]):
                j = first_target[i] + k
                if j == i or healths[n, j] <= 0.0 or (heals[i] and not healths[n, j] < full_health[j]):
                    continue
                dx, dy = positions[n, j, 0] - positions[n, i, 0], positions[n, j, 1] - positions[n, i, 1]
                row[FIRST_TARGET + k] = dx * dx + dy * dy < range_squared[i]
