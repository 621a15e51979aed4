"""Asking a training to stop: Ctrl-C and termination signals become a flag that the loop reads after each step.

The second Ctrl-C leaves at once; the last checkpoint stays loadable, for it is only ever replaced whole.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType


class StopFlag:
    """A flag that anyone may raise; as a context manager, it also listens to the signals."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.exit_code = 130
        self._kept: dict[int, signal.Handlers] = {}

    def request(self, reason: str, exit_code: int = 130) -> None:
        """Ask for a stop after the step in progress."""
        self.reason, self.exit_code = reason, exit_code

    @property
    def requested(self) -> bool:
        """Whether somebody asked to stop."""
        return self.reason is not None

    def __enter__(self) -> StopFlag:
        # Signals reach the main thread alone; elsewhere (a notebook's or a server's thread) `request` serves.
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGBREAK"):  # SIGBREAK is Windows' own
                if (number := getattr(signal, name, None)) is not None:
                    self._kept[number] = signal.signal(number, self._on_signal)  # type: ignore[assignment]
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._kept.items():
            signal.signal(number, handler)
        self._kept.clear()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.request(signal.Signals(number).name, 143 if number == signal.SIGTERM else 130)
