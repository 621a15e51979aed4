"""The one action table of all units: what action 0, 1, 2 ... means for each of them.

    0 north, 1 east, 2 south, 3 west, 4 stop, 5 + k: target k

Target k is enemy k for a unit that attacks and ally k for one that heals, as in SMAC (Samvelyan et al. 2019, "The
StarCraft Multi-Agent Challenge", arXiv:1902.04043), so that every unit has the same number of actions and one network
drives them all. There are as many targets as the larger team has units; a mask excludes those that do not exist, are
dead or out of range. A dead unit may only stop. The simulation and StarCraft II itself decode actions by `read`.

The numbers of units are those of their own team or of the other one, from 0. The second team sees the battle in a
mirror (`MIRROR`), so that one network plays either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NORTH, EAST, SOUTH, WEST, STOP = range(5)
FIRST_TARGET = 5
DIRECTIONS = ((0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (0.0, 0.0))  # (x, y) of the first five actions
MIRROR = (NORTH, WEST, SOUTH, EAST, STOP)  # the first five actions in a map whose x axis is reversed
NAMES = ("north", "east", "south", "west", "stop")


@dataclass(frozen=True)
class Order:
    """What one unit shall do.

    Args:
        kind: What it is.
        direction: For "move": x (to the east) and y (to the north), a unit vector.
        target: For "target": the number of the enemy to attack, or of the ally to heal.
    """

    kind: Literal["move", "stop", "target"]
    direction: tuple[float, float] = (0.0, 0.0)
    target: int = -1


@dataclass(frozen=True)
class ActionTable:
    """The actions of a battle.

    Args:
        targets: The number of units of the larger team.
    """

    targets: int

    @property
    def count(self) -> int:
        """The number of actions."""
        return FIRST_TARGET + self.targets

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each action."""
        return NAMES + tuple(f"target {number}" for number in range(self.targets))

    @property
    def mirror(self) -> tuple[int, ...]:
        """For each action, its number in a map whose x axis is reversed: east and west change places."""
        return MIRROR + tuple(range(FIRST_TARGET, self.count))

    def read(self, action: int) -> Order:
        """Return what an action means. Raises ValueError for a number that is not in the table."""
        if not 0 <= action < self.count:
            raise ValueError(f"there is no action {action}: they are numbered from 0 to {self.count - 1}")
        if action >= FIRST_TARGET:
            return Order("target", target=action - FIRST_TARGET)
        return Order("stop") if action == STOP else Order("move", DIRECTIONS[action])
