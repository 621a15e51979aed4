"""The report's section of curves: each metric over epochs and steps, the learning rate and the speed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from axone.figures.charts import Line, Point, draw_chart
from axone.figures.text import escape
from axone.messages import _
from axone.metrics import PART, is_percentage, label, metric
from axone.numbers import is_number
from axone.runs.report.contents import RunContents
from axone.runs.report.elements import render_table
from axone.runs.report.format import as_dict

Event = dict[str, Any]
Reader = Callable[[Event], Any]

MOST_CHARTS = 24
MOST_EPOCHS = 250  # rows of the table
# Fields of a step's event that are no metrics.
_NO_METRICS = {"kind", "time", "step", "epoch", "batch", "batches", "learning_rate", "samples_per_second"}


def render_curves(contents: RunContents) -> str:
    """Return all curves of a run and the table of its epochs; empty before the first step."""
    position, x_label = _choose_position(contents)
    best = contents.best.get("epoch")
    drawn: list[str] = []
    for name in _list_metrics(contents)[:MOST_CHARTS]:
        lines = [
            Line(_("training, step by step"), "steps", _read_points(contents.steps, position, _getter(name))),
            Line(_("training"), "train", _read_points(contents.epochs, _getter("epoch"), _getter("train", name))),
            Line(
                _("validation"),
                "validation",
                _read_points(contents.epochs, _getter("epoch"), _getter("validation", name)),
            ),
        ]
        if metric(name).direction == "none" and _is_constant([y for line in lines for _x, y in line.points]):
            continue  # a baseline, whose value is among the results
        if PART in name and len(contents.epochs) > 1 and sum(len(line.points) for line in lines) == 1:
            continue  # such as an opponent who was met once: its value is in the table of the epochs
        log, place = not is_percentage(name), f"curve-{len(drawn)}"
        drawn.append(
            draw_chart(
                place, label(name, contents.info.facts), lines, x_label=x_label, logarithm=log, best=best, metric=name
            )
        )
    events, where = (contents.steps, position) if contents.steps else (contents.epochs, _getter("epoch"))
    for name, title in (("learning_rate", _("learning rate")), ("samples_per_second", _("samples per second"))):
        lines = [Line(title, "other", _read_points(events, where, _getter(name)))]
        drawn.append(draw_chart(f"curve-{len(drawn)}", title, lines, x_label=x_label))
    return f'<div class="charts">{"".join(drawn)}</div>{_render_epochs(contents)}' if any(drawn) else ""


def _getter(*names: str) -> Reader:
    """Return a function that reads event[a][b] for the names a and b, or None when it is missing."""

    def read(event: Event) -> Any:
        value: Any = event
        for name in names:
            value = as_dict(value).get(name)
        return value

    return read


def _list_metrics(contents: RunContents) -> list[str]:
    """Return the ids of the metrics in order of appearance, those of epochs before those of steps; loss first."""
    names: dict[str, None] = {}
    for event in contents.epochs:
        names.update(dict.fromkeys([*as_dict(event.get("train")), *as_dict(event.get("validation"))]))
    for event in contents.steps:
        names.update(dict.fromkeys(name for name in event if name not in _NO_METRICS and is_number(event[name])))
    return sorted(names, key=lambda name: name != "loss")


def _read_points(events: Iterable[Event], position: Reader, value: Reader) -> list[Point]:
    """Return each event's position and value, without those that are not numbers."""
    points = [(position(event), value(event)) for event in events]
    return [(x, y) for x, y in points if is_number(x) and is_number(y)]


def _is_constant(values: list[Any]) -> bool:
    return len(values) > 1 and len(set(values)) == 1


def _choose_position(contents: RunContents) -> tuple[Reader, str]:
    """Return the position of a step on the horizontal axis and its unit: epochs if their length is known, or steps."""
    ends = [(event["step"], event["epoch"]) for event in contents.epochs if is_number(event.get("step"))]
    if ends and ends[-1][0] > 0 and ends[-1][1] > 0:
        length = ends[-1][0] / ends[-1][1]
        return (lambda event: event["step"] / length), _("epochs")
    needed = ("epoch", "batch", "batches")
    if contents.steps and all(is_number(event.get(name)) for event in contents.steps for name in needed):
        return (lambda event: event["epoch"] - 1 + event["batch"] / max(1, event["batches"])), _("epochs")
    return _getter("step"), _("steps")


def _render_epochs(contents: RunContents) -> str:
    """Return a table of all metrics of all epochs, folded; the best epoch is marked."""
    if not contents.epochs:
        return ""
    columns: list[tuple[str, Reader]] = [
        (_("epoch"), _getter("epoch")),
        (_("step"), _getter("step")),
        (_("seconds"), _getter("seconds")),
        (_("learning rate"), _getter("learning_rate")),
    ]
    for side, title in (("train", _("training")), ("validation", _("validation"))):
        columns += [
            (f"{title} {label(name, contents.info.facts)}", _getter(side, name))
            for name in _list_metrics(contents)[:12]
        ]
    columns = [(title, read) for title, read in columns if any(read(event) is not None for event in contents.epochs)]
    every, ends = -(-len(contents.epochs) // MOST_EPOCHS), (contents.best, contents.epochs[-1])
    chosen = [event for place, event in enumerate(contents.epochs) if place % every == 0 or event in ends]
    rows = [[read(event) for _title, read in columns] for event in chosen]
    marked = [event is contents.best for event in chosen]
    table = render_table("", [title for title, _read in columns], rows, marked=marked, mark=_("best"), bars=False)
    return f'<details class="epochs"><summary>{escape(_("Epoch by epoch"))}</summary>{table}</details>'
