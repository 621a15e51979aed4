"""The display of a terminal, with one live line; and of a log, with plain lines only."""

from __future__ import annotations

import threading
import time
from typing import Any

from axone.display.display import Display
from axone.display.text import printable, say
from axone.numbers import format_duration

FIRST_SECONDS = 1.0  # work that takes longer is named in a log
NEXT_SECONDS = 30.0  # then, one line in this time says how far it is


class TerminalDisplay(Display):
    """One live line at the end of the terminal: bar, speed, time left and metrics, or a task and its count."""

    def __init__(self) -> None:
        super().__init__()
        from rich.console import Console
        from rich.live import Live

        self.line, self.task, self.task_started = "", "", 0.0
        self.live = Live(console=Console(stderr=True), refresh_per_second=4, transient=True, get_renderable=self._show)

    def print_line(self, line: str) -> None:
        """Print a line above the live line."""
        self.line = self.task = ""
        if self.live.is_started:
            from rich.text import Text

            self.live.console.print(Text(printable(line)))
        else:
            say(line)

    def update(self, line: str, task: str = "") -> None:
        """Replace the live line; it is drawn four times a second."""
        if task != self.task:
            self.task_started = time.perf_counter()
        self.line, self.task = line, task
        if not self.live.is_started:
            self.live.start()

    def close(self) -> None:
        """Remove the live line."""
        self.line = ""
        if self.live.is_started:
            self.live.stop()

    def _show(self) -> Any:
        """Return the live line. A task also says how long it takes, so that the line never looks dead."""
        from rich.text import Text

        elapsed = time.perf_counter() - self.task_started if self.task else 0.0
        line = self.line + (f"  {format_duration(elapsed)}" if elapsed > FIRST_SECONDS else "")
        return Text(printable(line), no_wrap=True, overflow="ellipsis")


class LogDisplay(Display):
    """Plain lines for a log: one an epoch, and for whatever takes longer than a second one that names it.

    Args:
        epochs: The number of epochs of the training, until an event says it.
        file: The stream of the lines; None: standard error.
        first_seconds: How long a task may take without a line.
        next_seconds: How long a task, or the steps of an epoch, may take without a further line.
    """

    def __init__(
        self,
        epochs: int = 1,
        file: Any = None,
        first_seconds: float = FIRST_SECONDS,
        next_seconds: float = NEXT_SECONDS,
    ) -> None:
        super().__init__(epochs)
        self.file, self.first_seconds, self.next_seconds = file, first_seconds, next_seconds
        self.task, self.printed_at = "", time.perf_counter()
        # A task may report once and then work for minutes: a timer prints its line.
        self.timer: threading.Timer | None = None

    def print_line(self, line: str) -> None:
        """Print a line; the task before it has ended."""
        self._end_task()
        self._say(line)

    def update(self, line: str, task: str = "") -> None:
        """Print a line that says how far the work is, when the last line is long ago."""
        if task != self.task:
            self._end_task()
            self.task = task
            if task and self.first_seconds > 0:
                self.timer = threading.Timer(self.first_seconds, self._say, [task])
                self.timer.daemon = True
                self.timer.start()
            elif task:
                self._say(task)
        elif time.perf_counter() - self.printed_at > self.next_seconds:
            self._say(line)

    def close(self) -> None:
        """Forget the task that is running."""
        self._end_task()

    def _end_task(self) -> None:
        self.task = ""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _say(self, line: str) -> None:
        self.printed_at = time.perf_counter()
        say(line, file=self.file)
