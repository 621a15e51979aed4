"""When to write a checkpoint: often enough to lose little, seldom enough to cost little."""

from __future__ import annotations

import time
from collections.abc import Callable

LARGEST_SHARE = 0.05  # of the time, spent on writing checkpoints
BETWEEN_EPOCHS = 2.0  # seconds between two checkpoints at ends of epochs, at least
WITHIN_EPOCH = 60.0  # seconds without a checkpoint after which one is written within an epoch


class CheckpointSchedule:
    """Decides whether a checkpoint is due, from the time that writing the last ones took.

    Whatever the size of the state, writing takes at most 5 % of the time: after a checkpoint that took t seconds,
    none is due before 19 t seconds of training.

    Args:
        clock: Returns seconds; replaced in tests.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._cost = 0.0  # seconds that writing takes: the larger of the last two
        self._last_cost = 0.0
        self._saved_at = clock()

    def is_due(self, within_epoch: bool) -> bool:
        """Return whether to write a checkpoint now, at the end of an epoch or within one."""
        interval = WITHIN_EPOCH if within_epoch else BETWEEN_EPOCHS
        waiting = self._cost * (1 - LARGEST_SHARE) / LARGEST_SHARE
        return self._clock() - self._saved_at >= max(interval, waiting)

    def record(self, seconds: float) -> None:
        """Note that a checkpoint has just been written, and how long it took."""
        self._cost, self._last_cost = max(seconds, self._last_cost), seconds
        self._saved_at = self._clock()
