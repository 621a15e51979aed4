"""Thinning the progress reports of a task, which may report as often as it likes."""

from __future__ import annotations

import time
from typing import Literal

# Seconds between two reports of one task.
HISTORY_INTERVAL, LISTENER_INTERVAL = 1.0, 0.1


class ProgressThrottle:
    """Decides for each report of progress who receives it."""

    def __init__(self) -> None:
        self._task: str | None = None
        self._recorded_at = self._passed_on_at = float("-inf")

    def admit(self, task: str, recording: bool = True) -> Literal["history", "listener", "none"]:
        """Return where a report goes.

        The first report of a task and one a second go to the history, which passes them on to the listener; of the
        others, ten a second go to the listener alone. Without `recording`, the history gets the first one only.
        """
        now = time.monotonic()
        if task != self._task or (recording and now - self._recorded_at >= HISTORY_INTERVAL):
            self._task, self._recorded_at, self._passed_on_at = task, now, now
            return "history"
        if now - self._passed_on_at >= LISTENER_INTERVAL:
            self._passed_on_at = now
            return "listener"
        return "none"
