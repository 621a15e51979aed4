"""Where the training loop sends events, figures and checkpoints: the protocol, and an implementation in memory.

The recorder of a run folder (`axone.runs.recorder`) has the same methods; neither imports the other.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Recorder(Protocol):
    """What the loop reports, and where it stores what must not be lost."""

    def event(self, kind: str, **values: Any) -> None:
        """Record one event: "step", "epoch", "text", "warning", "early_stop", "best_epoch", "rollback", "resume"."""

    def progress(self, text: str, done: int = 0, total: int = 0) -> None:
        """Record how far a task other than training steps is; may be called as often as the task likes."""

    def stop_requested(self) -> bool:
        """Return whether someone asked for a stop through the run; cheap enough to call after each step."""

    def save_checkpoint(self, slot: str, weights: dict[str, Tensor], state: dict[str, Any]) -> None:
        """Store weights and state under "last" or "best", replacing what was there as a whole."""

    def load_checkpoint(self, slot: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the weights and the state that were stored."""

    def add_figure(self, figure: Any, epoch: int | None) -> None:
        """Store a figure or a table; epoch None means the final one."""


class MemoryRecorder:
    """Stores everything in memory: for evaluations, estimators, and tests of the engine without a disk.

    `listener` is called with each event.
    """

    def __init__(self, listener: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.listener = listener
        self.events: list[dict[str, Any]] = []
        self.checkpoints: dict[str, tuple[dict[str, Tensor], dict[str, Any]]] = {}
        self.figures: list[tuple[Any, int | None]] = []

    def event(self, kind: str, **values: Any) -> None:
        """Append the event to `events`."""
        self.events.append({"kind": kind, **values})
        if self.listener is not None:
            self.listener(self.events[-1])

    def progress(self, text: str, done: int = 0, total: int = 0) -> None:
        """Append a "progress" event to `events`."""
        self.event("progress", text=text, done=done, total=total)

    def stop_requested(self) -> bool:
        """Return False: no other process knows of a training in memory."""
        return False

    def save_checkpoint(self, slot: str, weights: dict[str, Tensor], state: dict[str, Any]) -> None:
        """Store deep copies, because training continues to change the originals."""
        self.checkpoints[slot] = (copy.deepcopy(weights), copy.deepcopy(state))

    def load_checkpoint(self, slot: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return deep copies, so that a checkpoint can be loaded twice."""
        return copy.deepcopy(self.checkpoints[slot])

    def add_figure(self, figure: Any, epoch: int | None) -> None:
        """Append the figure or table to `figures`."""
        self.figures.append((figure, epoch))
