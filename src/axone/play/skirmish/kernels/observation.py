"""What units see and may do as kernels: see `axone.play.skirmish.observation`."""

from __future__ import annotations

from typing import no_type_check

import numpy as np

from axone.play.compilation import kernel
from axone.play.skirmish.actions import FIRST_TARGET, STOP
from axone.play.skirmish.observation import BATTLE, OTHER, OWN

OWN_WIDTH, OTHER_WIDTH, BATTLE_WIDTH = len(OWN), len(OTHER), len(BATTLE)


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
