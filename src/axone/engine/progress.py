"""The position and the history of a training: everything the loop must remember besides weights, as JSON values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class TrainingProgress:
    """Where a training is, and what has happened in it."""

    epoch: int = 1  # the epoch in progress, from 1
    batch: int = 0  # batches of it that were seen
    step: int = 0  # batches seen in all
    seconds: float = 0.0  # of training alone: without checks, figures and checkpoints
    best: list[float] | None = None  # the score of the best epoch (axone.best_epoch); higher is better
    best_epoch: int = 0
    stale: int = 0  # epochs since the best
    rollbacks: int = 0
    skipped: int = 0  # optimizer steps that were skipped because the loss was not finite
    passed_over: list[list[int]] = field(default_factory=list)  # [epoch, batch] of batches that damaged a network
    history: list[dict[str, Any]] = field(default_factory=list)  # one record per epoch
    finished: bool = False

    def record(self, entry: dict[str, Any], score: list[float] | None, *, compares: bool = True) -> bool:
        """Add the record of an epoch; return whether its score is the best so far. None is never the best.

        Args:
            entry: The record.
            score: The score, from `axone.best_epoch`.
            compares: Whether a higher score means a better epoch. If not, no record is marked as the best.
        """
        better = score is not None and (self.best is None or score > self.best)
        if better:
            self.best, self.best_epoch, self.stale = score, self.epoch, 0
        else:
            self.stale += 1
        self.history.append({**entry, "best": better and compares})
        return better

    def state_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TrainingProgress:
        """Create a progress from what `state_dict` returned."""
        return cls(**state)
