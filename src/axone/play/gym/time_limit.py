"""A limit on the time of one call of an environment in this process, so that none takes too long.

A timer of the operating system (SIGALRM) interrupts the call. It exists in the main thread of Linux and macOS only;
elsewhere, and while a library waits in machine code, nothing is interrupted: environments in processes of their own
(`processes.py`) have a limit everywhere.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from numpy import ndarray

CHECKS = 2  # in the time that one call may take


class CallTimeoutError(BaseException):
    """A call took too long. It is no subclass of Exception, so that no environment catches it by mistake."""


class TimeLimit:
    """Interrupts calls that take too long.

    Many calls may follow one another under one timer: twice in each period of `seconds`, it is checked whether one of
    them has ended since. A call that does not end is interrupted at the second check without a change, after 1 to 1.5
    periods: a single one may come late, because the computer was suspended.

    Args:
        seconds: The time of one call; 0: there is no limit.

    Attributes:
        ended: The number of calls that have ended: those with the items of `count`.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.ended = seconds, 0

    def count(self, items: Sequence[Any] | ndarray) -> Calls:
        """Return items with each of which a call is made: the next one is asked for when the call has ended."""
        return Calls(items, self)

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Raise CallTimeoutError within the block when no call ends for a whole period."""
        is_main = threading.current_thread() is threading.main_thread()
        if not self.seconds or not is_main or not hasattr(signal, "setitimer"):
            yield
            return
        seen, unchanged = self.ended, 0

        def check(_number: int, _frame: FrameType | None) -> None:
            nonlocal seen, unchanged
            unchanged = unchanged + 1 if self.ended == seen else 0
            seen = self.ended
            if unchanged == CHECKS:
                raise CallTimeoutError

        handler = signal.signal(signal.SIGALRM, check)
        timer = signal.setitimer(signal.ITIMER_REAL, self.seconds / CHECKS, self.seconds / CHECKS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, *timer)
            signal.signal(signal.SIGALRM, handler)


class Calls:
    """Items that are read one after the other, and counted."""

    def __init__(self, items: Sequence[Any] | ndarray, limit: TimeLimit) -> None:
        self.items, self.limit = items, limit

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        """Yield the items."""
        for item in self.items:
            yield item
            self.limit.ended += 1
