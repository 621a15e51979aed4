"""A window on the newest positions, as tensors, from which batches are drawn."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.tasks.games.self_play.positions import Positions


class ReplayWindow:
    """The newest positions, in a ring of tensors: a new position replaces the oldest one when the window is full.

    Args:
        capacity: The number of positions, at most.
        shape: The shape of one observation.
        actions: The number of actions.
        points: The number of points whose owners are learned.
        device: Where the tensors are.
    """

    def __init__(
        self,
        capacity: int,
        shape: tuple[int, ...],
        actions: int,
        points: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        self.capacity = capacity
        self.added = 0  # positions in all, also those that were replaced
        self.positions = Positions(
            torch.zeros(capacity, *shape, dtype=torch.uint8, device=device),
            torch.zeros(capacity, actions, dtype=torch.bool, device=device),
            torch.zeros(capacity, actions, device=device),
            torch.zeros(capacity, device=device),
            torch.zeros(capacity, device=device),
            torch.zeros(capacity, points, dtype=torch.int8, device=device),
            torch.zeros(capacity, device=device),
        )

    def __len__(self) -> int:
        """Return the number of positions."""
        return min(self.added, self.capacity)

    def add(self, positions: Positions) -> None:
        """Add positions; of more than the capacity, the last ones."""
        count = len(positions.values)
        positions = positions.select(slice(max(0, count - self.capacity), None))
        first = self.added + count - len(positions.values)
        places = torch.arange(first, self.added + count, device=positions.values.device) % self.capacity
        for stored, new in zip(self.positions, positions):
            stored[places] = new.to(stored.dtype)
        self.added += count

    def sample(self, count: int, generator: torch.Generator) -> Positions:
        """Draw positions at random, with replacement."""
        device = self.positions.values.device
        indices: Int64[Tensor, " count"] = torch.randint(
            len(self), (count,), generator=generator, device=generator.device
        )
        return self.positions.select(indices.to(device))

    def state_dict(self) -> dict[str, Any]:
        """Return the positions, without the part of the window that is still empty."""
        filled = self.positions.select(slice(len(self)))
        return {"added": self.added, "positions": filled._asdict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.added = state["added"]
        for name, stored in self.positions._asdict().items():
            stored[: len(self)] = state["positions"][name]
