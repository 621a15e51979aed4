"""What the units of a team see, relative to each of them, and what they may do.

An observation is a row of numbers: the unit's own features, those of its allies, those of the enemies. Allies and
enemies have as many places as the larger team has units, and a unit that is dead, not there or out of sight is zeros,
as is the whole observation of a dead unit. Positions of others are relative to the unit, in shares of its sight. The
second team sees the map in a mirror, with its own start in the west, so that one network plays either side.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float32, Float64
from torch import Tensor

from axone.play.simulation import State
from axone.play.skirmish.actions import STOP
from axone.play.skirmish.battle import find_targets
from axone.play.skirmish.rules import Rules

OWN = ("health", "x", "y", "cooldown", "attackers")
OTHER = ("health", "x", "y", "cooldown", "attackers", "moved x", "moved y", "in range")
BATTLE = ("health", "x", "y", "cooldown")


def count_types(rules: Rules) -> int:
    """Return how many numbers say a unit's type: one for each type, none where all units are of one type."""
    return rules.types if rules.types > 1 else 0


def count_features(rules: Rules) -> int:
    """Return the length of an observation."""
    types = count_types(rules)
    return len(OWN) + types + (2 * rules.slots - 1) * (len(OTHER) + types)


def count_battle_features(rules: Rules) -> int:
    """Return the length of the features of the whole battle."""
    return 2 * rules.slots * (len(BATTLE) + count_types(rules))


def name_features(rules: Rules) -> list[str]:
    """Return the name of each number of an observation."""
    types = [f"type {number}" for number in range(count_types(rules))]
    names = [f"own {name}" for name in (*OWN, *types)]
    for side, count in (("ally", rules.slots - 1), ("enemy", rules.slots)):
        names += [f"{side} {number} {name}" for number in range(count) for name in (*OTHER, *types)]
    return names


def observe_team(state: State, team: int, rules: Rules) -> Float32[Tensor, "copies team_units features"]:
    """Return the observation of each unit of a team."""
    own, other = rules.team(team), rules.team(1 - team)
    positions, health = state["positions"], state["health"]
    flip = -1.0 if team else 1.0
    alive = health > 0
    share, cooldown = health / rules.health, scale_cooldown(state, rules)
    attackers = count_attackers(state, rules)
    moved = rules.directions[state["last_actions"].clamp(max=STOP)]
    kinds = torch.nn.functional.one_hot(rules.type, rules.types).double()[:, : count_types(rules)]

    x = (rules.side - positions[..., 0]) if team else positions[..., 0]
    own_features = torch.stack(
        [share, x / rules.side, positions[..., 1] / rules.side, cooldown, attackers], 2
    )[:, own]  # fmt: skip
    own_features = torch.cat([own_features, kinds[own].expand(len(x), -1, -1)], 2)

    sight = rules.sight[own, None]
    dx = positions[:, None, :, 0] - positions[:, own, None, 0]  # [N, T, U]
    dy = positions[:, None, :, 1] - positions[:, own, None, 1]
    squared = dx * dx + dy * dy
    both_alive = alive[:, own, None] & alive[:, None, :]
    seen = (squared < sight * sight) & both_alive
    size = dx.shape

    def spread(values: Float64[Tensor, "copies units"]) -> Float64[Tensor, "copies team_units units"]:
        return values[:, None, :].expand(size)

    features = torch.stack(
        [
            spread(share), flip * dx / sight, dy / sight, spread(cooldown), spread(attackers),
            spread(flip * moved[..., 0]), spread(moved[..., 1]),
            (squared < rules.range_squared[own, None]).double(),
        ],
        3,
    )  # fmt: skip
    features = torch.cat([features, kinds.expand(*size, -1)], 3)
    features = torch.where(seen[..., None], features, 0.0)

    count = own.stop - own.start
    others = torch.arange(count - 1, device=positions.device)
    # Row i: the units of the team without unit i.
    columns = own.start + others + (others >= torch.arange(count, device=positions.device)[:, None]).long()
    width = features.shape[3]
    allies = features.gather(2, columns[None, :, :, None].expand(size[0], -1, -1, width))
    parts = [
        own_features * alive[:, own, None],
        fill_places(allies, rules.slots - 1).flatten(2),
        fill_places(features[:, :, other], rules.slots).flatten(2),
    ]
    return torch.cat(parts, 2).float()


def observe_battle(state: State, team: int, rules: Rules) -> Float32[Tensor, "copies features"]:
    """Return the features of all units, in sight or not, as a team sees them: what a centralized critic knows."""
    flip = -1.0 if team else 1.0
    positions, alive = state["positions"] / rules.side - 0.5, state["health"] > 0
    kinds = torch.nn.functional.one_hot(rules.type, rules.types).double()[:, : count_types(rules)]
    features = torch.stack(
        [state["health"] / rules.health, flip * positions[..., 0], positions[..., 1], scale_cooldown(state, rules)], 2
    )
    features = torch.cat([features, kinds.expand(len(positions), -1, -1)], 2)
    features = torch.where(alive[:, :, None], features, 0.0)
    own, other = (features[:, rules.team(number)] for number in (team, 1 - team))
    parts = [fill_places(part[:, None], rules.slots).flatten(1) for part in (own, other)]
    return torch.cat(parts, 1).float()


def find_legal(state: State, team: int, rules: Rules) -> Bool[Tensor, "copies team_units actions"]:
    """Return what each unit of a team may do, in the table's order; the second team's in its mirror is the same.

    A living unit may move and stop, attack living enemies in range, or heal hurt living allies in range, which it sees
    because no range is above the sight. A dead unit may stop.
    """
    own = rules.team(team)
    positions, health = state["positions"], state["health"]
    alive = health > 0
    dx = positions[:, None, :, 0] - positions[:, own, None, 0]
    dy = positions[:, None, :, 1] - positions[:, own, None, 1]
    near = (dx * dx + dy * dy) < rules.range_squared[own, None]
    numbers = torch.arange(rules.units, device=positions.device)
    heals = rules.heals[own, None]
    can = near & alive[:, own, None] & alive[:, None, :] & (numbers[own, None] != numbers)
    can = can & (~heals | (health < rules.health)[:, None, :])
    targets = rules.first_target[own, None] + torch.arange(rules.slots, device=positions.device)  # [T, slots]
    exists = torch.arange(rules.slots, device=positions.device) < rules.target_count[own, None]
    index = torch.where(exists, targets, 0).expand(len(positions), -1, -1)
    legal_targets = can.gather(2, index) & exists
    moves = alive[:, own, None].expand(-1, -1, STOP)
    stop = torch.ones_like(moves[..., :1])
    return torch.cat([moves, stop, legal_targets], 2)


def scale_cooldown(state: State, rules: Rules) -> Float64[Tensor, "copies units"]:
    """Return the time until the next attack in shares of the longest that there is, at most 1."""
    return (state["cooldown"] / rules.longest_cooldown).clamp(max=1.0)


def count_attackers(state: State, rules: Rules) -> Float64[Tensor, "copies units"]:
    """Return the share of the other team's units whose last action was to attack a unit."""
    targets, has_target = find_targets(state["last_actions"], rules)
    attacks = (has_target & ~rules.heals & (state["health"] > 0)).double()
    counts = torch.zeros_like(state["health"]).scatter_add(1, targets, attacks)
    sizes = torch.where(torch.arange(rules.units, device=counts.device) < rules.allies, rules.enemies, rules.allies)
    return counts / sizes


def fill_places(
    features: Float64[Tensor, "copies rows units width"], places: int
) -> Float64[Tensor, "copies rows places width"]:
    """Return features with zeros after the units, up to a number of places."""
    return torch.nn.functional.pad(features, (0, 0, 0, places - features.shape[2]))
