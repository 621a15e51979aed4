"""Stopping a training: signals become a flag that the loop reads after each step.

Ctrl-C, a request to terminate and a closed terminal all save before they end. The second Ctrl-C ends at once; the
last checkpoint stays loadable, because it is only ever replaced as a whole.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

# Signals, where a platform has them, and the exit code of the command that each ends.
SIGNALS = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129, "SIGBREAK": 130}


class StopFlag:
    """A flag that any part of the program may set; within a `with` block, signals set it as well."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.exit_code = 130
        self._previous: dict[int, signal.Handlers] = {}

    def request(self, reason: str, exit_code: int = 130) -> None:
        """Ask for a stop after the step in progress."""
        self.reason, self.exit_code = reason, exit_code

    @property
    def requested(self) -> bool:
        """Whether a stop was requested."""
        return self.reason is not None

    def __enter__(self) -> StopFlag:
        # Signals reach the main thread alone; in other threads (of a notebook or a server) `request` is the way.
        if threading.current_thread() is threading.main_thread():
            for name in SIGNALS:
                if (number := getattr(signal, name, None)) is not None and not self._is_ignored(number):
                    self._previous[number] = signal.signal(number, self._on_signal)  # type: ignore[assignment]
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()

    @staticmethod
    def _is_ignored(number: int) -> bool:
        # Under nohup, a closed terminal is to be ignored.
        return number == getattr(signal, "SIGHUP", None) and signal.getsignal(number) is signal.SIG_IGN

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        name = signal.Signals(number).name
        self.request(name, SIGNALS[name])
