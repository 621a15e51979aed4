"""A run in a notebook: its state, its results, the curve of its loss, its folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from axone.figures.html import draw_curves, join_parts, write_note, write_table, write_title
from axone.messages import _, mark
from axone.metrics import format_value, label
from axone.numbers import format_duration, format_number, is_number
from axone.runs.events import read_events
from axone.runs.status import RunInfo
from axone.runs.storage.manifest import EVENTS

CURVES = {"train": mark("training"), "validation": mark("validation")}


def render_run(run: RunInfo) -> str:
    """Return the HTML of a run; whatever its files say is escaped, and what they lack is left out."""
    results = run.done or {}
    try:
        epochs = [event for event in read_events(run.path / EVENTS).events if event.get("kind") == "epoch"]
    except ValueError:  # a link in the place of the history
        epochs = []
    details = [_(run.status)]
    if is_number(results.get("seconds")):
        details.append(_("{seconds} of training", seconds=format_duration(results["seconds"])))
    if epochs:
        details.append(_("epochs: {count}", count=format_number(len(epochs))))
    if is_number(results.get("parameters")):
        details.append(_("parameters: {count}", count=format_number(results["parameters"])))
    return join_parts(
        write_title(f"{run.system} {run.name}", " · ".join(details)),
        write_note(run.reason),
        _render_metrics(results, run.facts),
        draw_curves([(_(name), _list_losses(epochs, part)) for part, name in CURVES.items()], _("loss")),
        write_note(str(run.path)),
    )


def _render_metrics(results: dict[str, Any], facts: dict[str, Any]) -> str:
    """Return the metrics as a table: a row each, with a column for validation and test."""
    parts = [part for part in ("validation", "test") if isinstance(results.get(part), dict) and results[part]]
    if not parts:
        return ""
    names = dict.fromkeys(name for part in parts for name in results[part])
    rows = [[label(name, facts), *(_write(name, results[part].get(name)) for part in parts)] for name in names]
    return write_table(["", *(_(part) for part in parts)], rows)


def _write(name: str, value: Any) -> str:
    return format_value(name, value) if is_number(value) else "-"


def _list_losses(epochs: Sequence[dict[str, Any]], part: str) -> list[tuple[float, float]]:
    """Return the epochs and their losses, without those that a damaged or forged history does not give."""
    points = []
    for event in epochs:
        value = event[part].get("loss") if isinstance(event.get(part), dict) else None
        epoch = event.get("epoch")
        if is_number(value) and is_number(epoch):
            points.append((float(epoch), float(value)))
    return points
