"""From the events of a run to lines for people, and to one live line that is replaced."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from axone.best_epoch import describe_best_epoch
from axone.display.text import format_metrics
from axone.messages import _
from axone.metrics import describe_unmeasured
from axone.numbers import format_duration, format_number

_LIVE_METRICS = ("loss", "accuracy", "reward")


class Display:
    """Shows the events of a run: call it with each event, within a `with` block that ends the live line.

    This class shows nothing: it is the display of what is quiet. A subclass defines `print_line` and `update`.

    Args:
        epochs: The number of epochs of the training, until an event says it.
    """

    def __init__(self, epochs: int = 1) -> None:
        self.epochs = epochs
        self.started = time.perf_counter()
        self.first: float | None = None  # fraction done at the first step, which is not 0 in a resumed run
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

    def print_line(self, line: str) -> None:
        """Show a line for good."""

    def update(self, line: str, task: str = "") -> None:
        """Replace the live line. `task` names work other than training; "": it is a training that advances."""

    def close(self) -> None:
        """End the live line."""

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Show one event; an event of another kind is ignored."""
        if printer := self._printers.get(event["kind"]):
            printer(event)

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def progress(self, text: str, done: int = 0, total: int = 0) -> None:
        """Show how far work other than a training is; `total` is 0 when it is unknown."""
        self({"kind": "progress", "text": text, "done": done, "total": total})

    def print_results(self, results: Mapping[str, Any], facts: Mapping[str, Any], folder: Path) -> None:
        """Show the results of a finished run, and the address of its report."""
        seconds = "  (" + _("{seconds} of training", seconds=format_duration(results["seconds"])) + ")"
        if results.get("validation"):
            metrics = format_metrics(results["validation"], facts)
            self.print_line(_("validation: {metrics}", metrics=metrics) + seconds)
            seconds = ""
        if results.get("test"):
            self.print_line(_("test: {metrics}", metrics=format_metrics(results["test"], facts)) + seconds)
        if unmeasured := describe_unmeasured(results, facts):
            self.print_line(unmeasured)
        self.print_line(_("report: {path}", path=(folder / "report.html").resolve().as_uri()))

    def _folder(self, event: Mapping[str, Any]) -> None:
        self.epochs = event["epochs"]  # a system may have changed what was typed (see `complete` in `axone.system`)
        self.print_line(_("run: {path}", path=event["path"]))

    def _data(self, event: Mapping[str, Any]) -> None:
        for note in event["notes"]:
            self.print_line(note)

    def _text(self, event: Mapping[str, Any]) -> None:
        self.print_line(event["text"])

    def _warning(self, event: Mapping[str, Any]) -> None:
        self.print_line(_("warning: {text}", text=event["text"]))

    def _rollback(self, event: Mapping[str, Any]) -> None:
        self.print_line(_("warning: back to step {step}, with half the learning rate", step=event["to_step"]))

    def _early_stop(self, event: Mapping[str, Any]) -> None:
        self.print_line(_("No improvement since epoch {epoch}: stopped early.", epoch=event["best_epoch"]))

    def _best_epoch(self, event: Mapping[str, Any]) -> None:
        if event["epochs"] > 1:
            self.print_line(describe_best_epoch(event))

    def _resume(self, event: Mapping[str, Any]) -> None:
        self.print_line(_("Resuming where the training stopped."))

    def _step(self, event: Mapping[str, Any]) -> None:
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
        self.update(line + "  " + _("{time} left", time=left))

    def _epoch(self, event: Mapping[str, Any]) -> None:
        line = _("epoch {epoch}/{epochs}", epoch=event["epoch"], epochs=self.epochs)
        line += f"  {format_metrics(event['train'])}"
        if event["validation"]:
            line += "  " + _("validation: {metrics}", metrics=format_metrics(event["validation"]))
        line += f"  {format_duration(event['seconds'])}" + ("  *" if event["best"] else "")
        self.print_line(line)

    def _progress(self, event: Mapping[str, Any]) -> None:
        line = event["text"]
        if event["total"]:
            line += f"  {format_number(event['done'])}/{format_number(event['total'])}"
        self.update(line, event["text"])
