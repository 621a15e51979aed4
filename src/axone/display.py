"""What a person sees while something trains: one live line with speed, time left and the metrics.

Without a terminal the same news come as plain lines, one an epoch. People's text goes to standard error, so
that standard output stays for results and `--json`.
"""

from __future__ import annotations

import re
import sys
import time
from contextlib import suppress
from typing import Any

from axone.messages import _
from axone.metrics import format_value, label
from axone.numbers import NARROW_SPACE, duration, number

# Control characters and direction marks of a name or a log never reach the terminal as such.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable(text: object) -> str:
    """Return text with control characters shown as a replacement and plain spaces, safe for any terminal."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(text)).replace(NARROW_SPACE, " ")


def say(text: object = "", *, file: Any = None) -> None:
    """Print a line for people, to standard error unless told otherwise; never fails on odd characters."""
    stream = file or sys.stderr
    line = printable(text) + "\n"
    encoding = getattr(stream, "encoding", None) or "utf-8"
    with suppress(BrokenPipeError):  # nobody reads any more (`2>&1 | head`): no reason to stop a training
        stream.write(line.encode(encoding, "replace").decode(encoding))
        stream.flush()


def figures(metrics: dict[str, Any]) -> str:
    """Write metrics in a line: shares as percentages, losses with four digits."""
    return "  ".join(
        f"{label(name)} {'-' if value is None else format_value(name, value)}" for name, value in metrics.items()
    )


class Display:
    """Listens to a run's events and shows them; call it with each event, and `close` it at the end."""

    def __init__(self, epochs: int, terminal: bool | None = None) -> None:
        self.epochs = epochs
        self.live = None
        self.started = time.perf_counter()
        self.task, self.task_started, self.task_printed = "", 0.0, False  # of the progress events
        self.first: float | None = None  # progress at the first report, which a resumed run does not start at 0
        if sys.stderr.isatty() if terminal is None else terminal:
            from rich.console import Console
            from rich.live import Live

            self.live = Live(console=Console(stderr=True), refresh_per_second=4, transient=True)

    def __call__(self, event: dict[str, Any]) -> None:
        """Show one event."""
        show = getattr(self, "_" + event["kind"].replace("-", "_"), None)
        if show:
            show(event)

    def close(self) -> None:
        """Give the terminal back."""
        if self.live and self.live.is_started:
            self.live.stop()

    def _data(self, event: dict[str, Any]) -> None:
        for note in event["notes"]:
            self._print(note)

    def _warning(self, event: dict[str, Any]) -> None:
        self._print(_("warning: {text}", text=event["text"]))

    def _rollback(self, event: dict[str, Any]) -> None:
        self._print(_("warning: back to step {step}, with half the learning rate", step=event["to_step"]))

    def _early_stop(self, event: dict[str, Any]) -> None:
        self._print(_("No progress since epoch {epoch}: stopped early.", epoch=event["best_epoch"]))

    def _resume(self, event: dict[str, Any]) -> None:
        self._print(_("Going on where it was stopped."))

    def _step(self, event: dict[str, Any]) -> None:
        if self.live is None:
            return
        if not self.live.is_started:
            self.live.start()
        done = (event["epoch"] - 1 + event["batch"] / event["batches"]) / self.epochs
        if self.first is None:
            self.first, self.started = done, time.perf_counter()
        elapsed, share = time.perf_counter() - self.started, done - self.first
        left = duration(elapsed * (1 - done) / share) if share > 0.002 else "..."
        bar = "━" * round(20 * done) + "─" * (20 - round(20 * done))
        metrics: dict[str, Any] = {name: event.get(name) for name in ("loss", "accuracy", "reward") if name in event}
        line = f"{bar} {done:4.0%}  " + _("epoch {epoch}/{epochs}", epoch=event["epoch"], epochs=self.epochs)
        line += f"  {figures(metrics)}  " + _("{speed} samples/s", speed=number(round(event["samples_per_second"])))
        self.live.update(printable(line + "  " + _("{time} left", time=left)))

    def _text(self, event: dict[str, Any]) -> None:
        self._print(event["text"])

    def _epoch(self, event: dict[str, Any]) -> None:
        line = _("epoch {epoch}/{epochs}", epoch=event["epoch"], epochs=self.epochs)
        line += f"  {figures(event['train'])}"
        if event["validation"]:
            line += "  " + _("validation: {figures}", figures=figures(event["validation"]))
        line += f"  {duration(event['seconds'])}" + ("  *" if event["best"] else "")
        self._print(line)

    def _progress(self, event: dict[str, Any]) -> None:
        """Show work other than epochs: a live count on a terminal, else one line per task that takes a second."""
        now = time.perf_counter()
        if event["text"] != self.task:
            self.task, self.task_started, self.task_printed = event["text"], now, False
        if self.live is None:
            if not self.task_printed and now - self.task_started > 1.0:
                self.task_printed = True
                self._print(event["text"])
        else:
            if not self.live.is_started:
                self.live.start()
            self.live.update(printable(f"{event['text']}  {number(event['done'])}/{number(event['total'])}"))

    def _print(self, line: str) -> None:
        if self.live and self.live.is_started:
            from rich.text import Text

            self.live.console.print(Text(printable(line)))
        else:
            say(line)
