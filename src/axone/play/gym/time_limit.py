"""A limit on the time of one call of an environment in this process, so that none waits forever.

A timer of the operating system (SIGALRM) interrupts the call. It exists in the main thread of Linux and macOS only;
elsewhere, and while a library waits in machine code, nothing is interrupted: environments in processes of their own
(`processes.py`) have a limit everywhere.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import gymnasium


class CallTimeoutError(BaseException):
    """A call took too long. It is no subclass of Exception, so that no environment catches it by mistake."""


class TimeLimit:
    """Interrupts calls that take too long.

    Many calls may follow one another under one timer: once in each period of `seconds`, it is checked whether one of
    them has ended since. A call that does not end is therefore interrupted after one to two periods.

    Args:
        seconds: The time of one call; 0: there is no limit.

    Attributes:
        ended: The number of calls that have ended; `CallCounter` increases it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.ended = seconds, 0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Raise CallTimeoutError within the block when no call ends for a whole period."""
        is_main = threading.current_thread() is threading.main_thread()
        if not self.seconds or not is_main or not hasattr(signal, "setitimer"):
            yield
            return
        seen = self.ended

        def check(_number: int, _frame: FrameType | None) -> None:
            nonlocal seen
            if self.ended == seen:
                raise CallTimeoutError
            seen = self.ended

        handler = signal.signal(signal.SIGALRM, check)
        timer = signal.setitimer(signal.ITIMER_REAL, self.seconds, self.seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, *timer)
            signal.signal(signal.SIGALRM, handler)


class CallCounter(gymnasium.Wrapper[Any, Any, Any, Any]):
    """An environment that counts its calls for a time limit."""

    def __init__(self, environment: gymnasium.Env[Any, Any], limit: TimeLimit) -> None:
        super().__init__(environment)
        self.limit = limit

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Play one step."""
        result = self.env.step(action)
        self.limit.ended += 1
        return result

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        result = self.env.reset(seed=seed, options=options)
        self.limit.ended += 1
        return result
