"""Text on the terminal: lines for people, and the progress of a training.

On a terminal, a training has one live line with speed, time left and metrics. Elsewhere it has one plain line an
epoch. Text for people goes to standard error, so that standard output has only results and `--json`.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

from axone.best_epoch import describe_best_epoch
from axone.messages import _
from axone.metrics import format_value, label
from axone.numbers import NARROW_SPACE, format_duration, format_number

# Control characters and direction marks, which a name or a log could use to change what the terminal displays.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LIVE_METRICS = ("loss", "accuracy", "reward")


def printable(text: object) -> str:
    """Return text that is safe for any terminal: without control characters, with plain spaces."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(text)).replace(NARROW_SPACE, " ")


def say(text: object = "", *, file: Any = None) -> None:
    """Print a line for people, by default to standard error.

    Characters that the stream cannot encode become "?". That the reader of standard error has gone away
    (`2>&1 | head`) is ignored, for it is no reason to stop a training; for another stream it raises BrokenPipeError.
    """
    stream = file or sys.stderr
    line = printable(text) + "\n"
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(line.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        if file is not None:
            raise
        # What is left in the buffer would fail again when Python ends, and make the exit code 120.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def format_metrics(metrics: Mapping[str, Any], facts: Mapping[str, Any] | None = None) -> str:
    """Return metrics on one line, with their labels: `loss 0.2104  accuracy 91.50 %`.

    With the facts of a run, a Fréchet distance names the network whose features it compares.
    """
    return "  ".join(
        f"{label(id, facts)} {'-' if value is None else format_value(id, value)}" for id, value in metrics.items()
    )


class Display:
    """Prints the events of a run: call it with each event, within a `with` block that ends the live line.

    Args:
        epochs: The number of epochs of the training.
        terminal: Whether there is a live line; None: when standard error is a terminal.
        file: The stream of the plain lines; None: standard error.
    """

    def __init__(self, epochs: int, terminal: bool | None = None, file: Any = None) -> None:
        self.epochs = epochs
        self.file = file
        self.live = None
        self.started = time.perf_counter()
        self.first: float | None = None  # fraction done at the first step, which is not 0 in a resumed run
        self.task, self.task_started, self.task_printed = "", 0.0, False  # of the progress events
        self._printers = {
            "best_epoch": self._best_epoch,
            "data": self._data,
            "early_stop": self._early_stop,
            "epoch": self._epoch,
            "folder": self._folder,
            "progress": self._progress,
            "resume": self._resume,
            "rollback": self._rollback,
            "step": self._step,
            "text": self._text,
            "warning": self._warning,
        }
        if sys.stderr.isatty() if terminal is None else terminal:
            from rich.console import Console
            from rich.live import Live

            self.live = Live(console=Console(stderr=True), refresh_per_second=4, transient=True)

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Print one event; an event of another kind is ignored."""
        if printer := self._printers.get(event["kind"]):
            printer(event)

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the live line."""
        if self.live and self.live.is_started:
            self.live.stop()

    def _folder(self, event: Mapping[str, Any]) -> None:
        self.epochs = event["epochs"]  # a system may have changed what was typed (see `complete` in `axone.system`)
        self._print(_("run: {path}", path=event["path"]))

    def _data(self, event: Mapping[str, Any]) -> None:
        for note in event["notes"]:
            self._print(note)

    def _text(self, event: Mapping[str, Any]) -> None:
        self._print(event["text"])

    def _warning(self, event: Mapping[str, Any]) -> None:
        self._print(_("warning: {text}", text=event["text"]))

    def _rollback(self, event: Mapping[str, Any]) -> None:
        self._print(_("warning: back to step {step}, with half the learning rate", step=event["to_step"]))

    def _early_stop(self, event: Mapping[str, Any]) -> None:
        self._print(_("No improvement since epoch {epoch}: stopped early.", epoch=event["best_epoch"]))

    def _best_epoch(self, event: Mapping[str, Any]) -> None:
        if event["epochs"] > 1:
            self._print(describe_best_epoch(event))

    def _resume(self, event: Mapping[str, Any]) -> None:
        self._print(_("Resuming where the training stopped."))

    def _step(self, event: Mapping[str, Any]) -> None:
        if self.live is None:
            return
        done = (event["epoch"] - 1 + event["batch"] / event["batches"]) / self.epochs
        if self.first is None:
            self.first, self.started = done, time.perf_counter()
        elapsed, fraction = time.perf_counter() - self.started, done - self.first
        left = format_duration(elapsed * (1 - done) / fraction) if fraction > 0.002 else "..."
        bar = "━" * round(20 * done) + "─" * (20 - round(20 * done))
        metrics = {id: event[id] for id in _LIVE_METRICS if id in event}
        line = f"{bar} {done:4.0%}  " + _("epoch {epoch}/{epochs}", epoch=event["epoch"], epochs=self.epochs)
        line += f"  {format_metrics(metrics)}  "
        line += _("{speed} examples/s", speed=format_number(round(event["samples_per_second"])))
        self._update(line + "  " + _("{time} left", time=left))

    def _epoch(self, event: Mapping[str, Any]) -> None:
        line = _("epoch {epoch}/{epochs}", epoch=event["epoch"], epochs=self.epochs)
        line += f"  {format_metrics(event['train'])}"
        if event["validation"]:
            line += "  " + _("validation: {metrics}", metrics=format_metrics(event["validation"]))
        line += f"  {format_duration(event['seconds'])}" + ("  *" if event["best"] else "")
        self._print(line)

    def _progress(self, event: Mapping[str, Any]) -> None:
        """Show work other than epochs: a live count on a terminal, elsewhere a line for work that takes a second."""
        now = time.perf_counter()
        if event["text"] != self.task:
            self.task, self.task_started, self.task_printed = event["text"], now, False
        if self.live is not None:
            self._update(f"{event['text']}  {format_number(event['done'])}/{format_number(event['total'])}")
        elif not self.task_printed and now - self.task_started > 1.0:
            self.task_printed = True
            self._print(event["text"])

    def _update(self, line: str) -> None:
        """Replace the live line."""
        assert self.live is not None
        if not self.live.is_started:
            self.live.start()
        self.live.update(printable(line))

    def _print(self, line: str) -> None:
        if self.live and self.live.is_started:
            from rich.text import Text

            self.live.console.print(Text(printable(line)))
        else:
            say(line, file=self.file)
