"""The types of units: how fast they move, how far they see and reach, how much they damage, heal and bear.

The numbers are those of SMAX (Rutherford et al. 2024, "JaxMARL: Multi-Agent RL Environments and Algorithms in JAX",
arXiv:2311.10090), which follow StarCraft II; the medic is ours.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from axone.messages import _

PARTS = 1024.0  # health, damage and healing are whole multiples of 1 / 1024, so that sums of them are exact
LIMITS = {  # the lowest and the highest value of each number of a type
    "speed": (0.0, 64.0),
    "damage": (0.0, 10_000.0),
    "range": (0.1, 64.0),
    "sight": (0.1, 64.0),
    "radius": (0.01, 4.0),
    "health": (1.0, 100_000.0),
    "cooldown": (0.0, 60.0),
    "healing": (0.0, 10_000.0),
}


@dataclass(frozen=True)
class UnitType:
    """A type of units. Distances are in cells of the map, from center to center; times are in seconds.

    Args:
        name: The name, as a scenario file has it.
        letter: One letter for drawings.
        speed: Cells per second.
        damage: Health that one attack removes.
        range: The distance within which it attacks or heals.
        sight: The distance within which it sees other units; at least its range.
        radius: The radius of its body: bodies do not overlap.
        health: Its health at the start.
        cooldown: The time from one attack to the next, without the random part.
        healing: Health that one healing restores; a unit that heals does not attack.
    """

    name: str
    letter: str
    speed: float
    damage: float
    range: float
    sight: float
    radius: float
    health: float
    cooldown: float
    healing: float = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError for a number outside its limits, a range above the sight, or both damage and healing."""
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} must be from {low:g} to {high:g}, not {value:g}")
        if self.range > self.sight:
            raise ValueError(
                _(
                    "range must be at most sight ({sight}), not {range}",
                    sight=f"{self.sight:g}",
                    range=f"{self.range:g}",
                )
            )
        if self.healing and self.damage:
            raise ValueError(_("a unit either heals or attacks: damage must be 0 where healing is above 0"))

    @property
    def heals(self) -> bool:
        """Whether its targets are its allies."""
        return self.healing > 0

    @property
    def effect(self) -> float:
        """What one attack or healing adds to the health of its target, in whole multiples of 1 / PARTS."""
        return round((self.healing or -self.damage) * PARTS) / PARTS

    @property
    def full_health(self) -> float:
        """Its health at the start, in whole multiples of 1 / PARTS."""
        return round(self.health * PARTS) / PARTS


NUMBERS = tuple(field.name for field in fields(UnitType) if field.name not in ("name", "letter"))

UNITS: dict[str, UnitType] = {
    unit.name: unit
    for unit in (
        #                    speed  damage range sight radius  health cooldown healing
        UnitType("marine", "m", 3.15, 9.0, 5.0, 9.0, 0.375, 45.0, 0.61),
        UnitType("marauder", "M", 2.25, 10.0, 6.0, 10.0, 0.5625, 125.0, 1.07),
        UnitType("stalker", "s", 4.13, 13.0, 6.0, 10.0, 0.625, 160.0, 1.87),
        UnitType("zealot", "z", 3.15, 8.0, 2.0, 9.0, 0.5, 150.0, 0.86),
        UnitType("zergling", "l", 4.13, 5.0, 2.0, 8.0, 0.375, 35.0, 0.5),
        UnitType("hydralisk", "h", 3.15, 12.0, 5.0, 9.0, 0.625, 80.0, 0.59),
        UnitType("medic", "d", 3.15, 0.0, 4.0, 9.0, 0.375, 60.0, 1.0, 9.0),
    )
}
