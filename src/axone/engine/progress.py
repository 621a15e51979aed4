"""Where a training stands: everything the loop must remember besides weights, as plain JSON values."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Progress:
    """The position and the memory of a training."""

    epoch: int = 1  # the epoch in progress, from 1
    batch: int = 0  # batches of it already seen
    step: int = 0  # batches seen in all
    seconds: float = 0.0  # training alone: no checks, no pictures, no saving
    best: float | None = None  # of the monitored metric
    best_epoch: int = 0
    stale: int = 0  # epochs since the best
    rollbacks: int = 0
    skipped: int = 0  # steps not taken because the loss was not a number
    passed_over: list[list[int]] = field(default_factory=list)  # [epoch, batch] that spoilt a network
    history: list[dict[str, Any]] = field(default_factory=list)  # one record an epoch
    finished: bool = False

    def record(self, entry: dict[str, Any], value: float, higher_is_better: bool) -> bool:
        """Add an epoch's record; say whether its monitored value is the best so far."""
        # An epoch whose value is not a number is never the best, not even as the first.
        better = math.isfinite(value) and (
            self.best is None or (value > self.best if higher_is_better else value < self.best)
        )
        if better:
            self.best, self.best_epoch, self.stale = value, self.epoch, 0
        else:
            self.stale += 1
        self.history.append({**entry, "best": better})
        return better

    def state_dict(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Progress:
        """Make it again from what `state_dict` gave."""
        return cls(**state)
