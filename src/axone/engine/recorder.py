"""Where the loop's news and checkpoints go: the protocol, and the one that keeps them in memory.

The run folder's recorder (`axone.runs.recorder`) offers the same methods; neither knows the other.
"""

from __future__ import annotations

import copy
from typing import Any, Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Recorder(Protocol):
    """What the loop tells, and where it keeps what it must not lose."""

    def event(self, kind: str, **values: Any) -> None:
        """Take one piece of news: "step", "epoch", "progress", "text", "warning", "early_stop", "rollback"."""

    def save_checkpoint(self, slot: str, weights: dict[str, Tensor], state: dict[str, Any]) -> None:
        """Keep weights and state under "last" or "best", replacing what was there as a whole."""

    def load_checkpoint(self, slot: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Give back what was kept."""

    def add_figure(self, figure: Any, epoch: int | None) -> None:
        """Store a figure or a table; epoch None means the final one."""


class MemoryRecorder:
    """Keeps everything in memory: for notebooks, and for tests of the engine without a disk."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.checkpoints: dict[str, tuple[dict[str, Tensor], dict[str, Any]]] = {}
        self.figures: list[tuple[Any, int | None]] = []

    def event(self, kind: str, **values: Any) -> None:
        """Append the event to `events`."""
        self.events.append({"kind": kind, **values})

    def save_checkpoint(self, slot: str, weights: dict[str, Tensor], state: dict[str, Any]) -> None:
        """Keep deep copies: training goes on changing the originals."""
        self.checkpoints[slot] = (copy.deepcopy(weights), copy.deepcopy(state))

    def load_checkpoint(self, slot: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return deep copies, so that a checkpoint can be loaded twice."""
        return copy.deepcopy(self.checkpoints[slot])

    def add_figure(self, figure: Any, epoch: int | None) -> None:
        """Append the figure or table to `figures`."""
        self.figures.append((figure, epoch))
