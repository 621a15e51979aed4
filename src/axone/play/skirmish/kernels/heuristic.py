"""The heuristic player as kernels: see `axone.play.skirmish.heuristic`."""

from __future__ import annotations

from typing import no_type_check

import numpy as np

from axone.play.compilation import kernel
from axone.play.random_kernels import uniform
from axone.play.skirmish.actions import FIRST_TARGET, STOP
from axone.play.skirmish.rules import TICKS


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
                suitable = (is_own and healths[n, j] < full_health[j]) if heals[i] else not is_own
                follows = heals[i] and is_own and not heals[j]
                dx, dy = positions[n, j, 0] - positions[n, i, 0], positions[n, j, 1] - positions[n, i, 1]
                squared = dx * dx + dy * dy
                sees = squared < sight[i] * sight[i]
                chased[j], followed[j] = suitable and sees, follows and sees
                if suitable and squared < range_squared[i]:
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
