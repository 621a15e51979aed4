"""What actions and observations are: one of a number of choices, or real numbers between bounds."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Discrete:
    """One of `count` choices, numbered from 0.

    Args:
        count: The number of choices.
        names: A name for each choice, for display; empty: the numbers are displayed.
    """

    count: int
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError when there is no choice, or the names are not as many as the choices."""
        if self.count < 1:
            raise ValueError(f"count must be at least 1, not {self.count}")
        if self.names and len(self.names) != self.count:
            raise ValueError(f"there are {len(self.names)} names for {self.count} choices")


@dataclass(frozen=True)
class Continuous:
    """An array of real numbers.

    Args:
        shape: The shape of one array, without the copies.
        low: The lowest value of each number.
        high: The highest value of each number.
    """

    shape: tuple[int, ...]
    low: float = -inf
    high: float = inf

    def __post_init__(self) -> None:
        """Raise ValueError when the bounds are not in order."""
        if not self.low < self.high:
            raise ValueError(f"low must be below high, not {self.low} and {self.high}")
