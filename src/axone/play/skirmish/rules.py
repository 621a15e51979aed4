"""The numbers of a scenario as tensors with an entry for each unit, which both bodies of the rules read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Bool, Float64, Int64
from torch import Tensor

from axone.play.skirmish.actions import DIRECTIONS, FIRST_TARGET
from axone.play.skirmish.scenarios import SIDE, Scenario

TICKS = 8  # world steps of one step of the agents
SECONDS = 1 / 16  # the length of a world step


@dataclass(frozen=True, eq=False)
class Rules:
    """The numbers of the units of both teams, first those of the allies.

    Args:
        allies: The number of units of the first team.
        enemies: The number of units of the second team.
        side: The length of the map's sides, in cells.
        walls_kill: Whether a unit that touches the border dies.
        step_limit: After how many steps a battle ends without a winner.
        types: The number of different types.
        starts: The point around which each unit starts.
        stride: The distance that a unit moves in one world step.
        effect: What an attack (negative) or a healing (positive) adds to the health of its target.
        heals: Whether its targets are its allies.
        range_squared: The square of the range.
        sight: How far it sees.
        radius: The radius of its body.
        health: Its health at the start.
        cooldown: The time between attacks, without the random part.
        first_target: The number, among the units of both teams, of its target 0.
        target_count: The number of its targets.
        type: The number of its type.
        directions: x and y of the first five actions.
        longest_cooldown: The longest cooldown that there is, at least 1 ms.
    """

    allies: int
    enemies: int
    side: float
    walls_kill: bool
    step_limit: int
    types: int
    starts: Float64[Tensor, "units 2"]
    stride: Float64[Tensor, " units"]
    effect: Float64[Tensor, " units"]
    heals: Bool[Tensor, " units"]
    range_squared: Float64[Tensor, " units"]
    sight: Float64[Tensor, " units"]
    radius: Float64[Tensor, " units"]
    health: Float64[Tensor, " units"]
    cooldown: Float64[Tensor, " units"]
    first_target: Int64[Tensor, " units"]
    target_count: Int64[Tensor, " units"]
    type: Int64[Tensor, " units"]
    directions: Float64[Tensor, "5 2"]
    longest_cooldown: float

    @property
    def units(self) -> int:
        """The number of units of both teams."""
        return self.allies + self.enemies

    @property
    def slots(self) -> int:
        """The number of units of the larger team: places in an observation, and targets."""
        return max(self.allies, self.enemies)

    @property
    def actions(self) -> int:
        """The number of actions of a unit."""
        return FIRST_TARGET + self.slots

    def team(self, number: int) -> slice:
        """Return where the units of team 0 or 1 are among those of both."""
        return slice(self.allies, self.units) if number else slice(0, self.allies)


@lru_cache(maxsize=64)
def make_rules(scenario: Scenario, device: torch.device | str = "cpu") -> Rules:
    """Return the numbers of a scenario as tensors on a device."""
    allies, enemies = scenario.sizes
    units, types = scenario.units, scenario.types
    # Attackers aim at the other team, healers at their own.
    aims_at_enemies = [unit.heals == (number >= allies) for number, unit in enumerate(units)]

    def numbers(values: list[float]) -> Float64[Tensor, " units"]:
        return torch.tensor(values, dtype=torch.float64, device=device)

    def integers(values: list[int]) -> Int64[Tensor, " units"]:
        return torch.tensor(values, dtype=torch.int64, device=device)

    return Rules(
        allies=allies,
        enemies=enemies,
        side=SIDE,
        walls_kill=scenario.walls == "kill",
        step_limit=scenario.step_limit,
        types=len(types),
        starts=torch.tensor(scenario.starts, dtype=torch.float64, device=device),
        stride=numbers([unit.speed * SECONDS for unit in units]),
        effect=numbers([unit.effect for unit in units]),
        heals=torch.tensor([unit.heals for unit in units], device=device),
        range_squared=numbers([unit.range**2 for unit in units]),
        sight=numbers([unit.sight for unit in units]),
        radius=numbers([unit.radius for unit in units]),
        health=numbers([unit.full_health for unit in units]),
        cooldown=numbers([unit.cooldown for unit in units]),
        first_target=integers([allies if is_enemy else 0 for is_enemy in aims_at_enemies]),
        target_count=integers([enemies if is_enemy else allies for is_enemy in aims_at_enemies]),
        type=integers([types.index(unit) for unit in units]),
        directions=torch.tensor(DIRECTIONS, dtype=torch.float64, device=device),
        longest_cooldown=max(1e-3, *(unit.cooldown for unit in units)),
    )
