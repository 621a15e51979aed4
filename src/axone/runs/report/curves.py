"""The report's curves: each metric over the epochs, the steps behind it, learning rate and speed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from axone.figures.charts import Line, Point, draw_chart
from axone.figures.text import escape
from axone.messages import _
from axone.metrics import is_percentage, label
from axone.numbers import is_number
from axone.runs.report.format import as_dict
from axone.runs.report.parts import table
from axone.runs.report.story import Story

Event = dict[str, Any]
Reader = Callable[[Event], Any]

MOST_CHARTS = 24
MOST_EPOCHS = 250  # rows of the table
# What a step's event carries besides metrics.
_PLACES = {"kind", "time", "step", "epoch", "batch", "batches", "learning_rate", "samples_per_second"}


def curves(story: Story) -> str:
    """Draw all curves of a run and the table behind them; empty before the first step was told."""
    position, x_label = _positions(story)
    best = story.best.get("epoch")
    drawn: list[str] = []
    for name in _metrics(story)[:MOST_CHARTS]:
        lines = [
            Line(_("training, step by step"), "steps", _points(story.steps, position, _get(name))),
            Line(_("training"), "train", _points(story.epochs, _get("epoch"), _get("train", name))),
            Line(_("validation"), "validation", _points(story.epochs, _get("epoch"), _get("validation", name))),
        ]
        log, place = not is_percentage(name), f"curve-{len(drawn)}"
        drawn.append(draw_chart(place, label(name), lines, x_label=x_label, logarithm=log, best=best, metric=name))
    events, where = (story.steps, position) if story.steps else (story.epochs, _get("epoch"))
    for name, title in (("learning_rate", _("learning rate")), ("samples_per_second", _("samples per second"))):
        lines = [Line(title, "other", _points(events, where, _get(name)))]
        drawn.append(draw_chart(f"curve-{len(drawn)}", title, lines, x_label=x_label))
    return f'<div class="charts">{"".join(drawn)}</div>{_epoch_table(story)}' if any(drawn) else ""


def _get(*names: str) -> Reader:
    """Return what reads event[a][b] for the names a, b, or None where there is no such thing."""

    def read(event: Event) -> Any:
        value: Any = event
        for name in names:
            value = as_dict(value).get(name)
        return value

    return read


def _metrics(story: Story) -> list[str]:
    """List the metrics in order of appearance, those of epochs first; the loss leads."""
    names: dict[str, None] = {}
    for event in story.epochs:
        names.update(dict.fromkeys([*as_dict(event.get("train")), *as_dict(event.get("validation"))]))
    for event in story.steps:
        names.update(dict.fromkeys(name for name in event if name not in _PLACES and is_number(event[name])))
    return sorted(names, key=lambda name: name != "loss")


def _points(events: Iterable[Event], position: Reader, value: Reader) -> list[Point]:
    """Pair each event's position with its value, leaving out what is not a number."""
    found = [(position(event), value(event)) for event in events]
    return [(x, y) for x, y in found if is_number(x) and is_number(y)]


def _positions(story: Story) -> tuple[Reader, str]:
    """Choose where a step lies on the horizontal axis: in epochs when their length is known, else in steps."""
    ends = [(event["step"], event["epoch"]) for event in story.epochs if is_number(event.get("step"))]
    if ends and ends[-1][0] > 0 and ends[-1][1] > 0:
        length = ends[-1][0] / ends[-1][1]
        return (lambda event: event["step"] / length), _("epochs")
    told = ("epoch", "batch", "batches")
    if story.steps and all(is_number(event.get(name)) for event in story.steps for name in told):
        return (lambda event: event["epoch"] - 1 + event["batch"] / max(1, event["batches"])), _("epochs")
    return _get("step"), _("steps")


def _epoch_table(story: Story) -> str:
    """All figures of all epochs, folded away; the epoch that was kept is marked."""
    if not story.epochs:
        return ""
    columns: list[tuple[str, Reader]] = [
        (_("epoch"), _get("epoch")),
        (_("step"), _get("step")),
        (_("seconds"), _get("seconds")),
        (_("learning rate"), _get("learning_rate")),
    ]
    for side, title in (("train", _("training")), ("validation", _("validation"))):
        columns += [(f"{title} {label(name)}", _get(side, name)) for name in _metrics(story)[:12]]
    columns = [(title, read) for title, read in columns if any(read(event) is not None for event in story.epochs)]
    every, ends = -(-len(story.epochs) // MOST_EPOCHS), (story.best, story.epochs[-1])
    chosen = [event for place, event in enumerate(story.epochs) if place % every == 0 or event in ends]
    rows = [[read(event) for _title, read in columns] for event in chosen]
    marked = [event is story.best for event in chosen]
    drawn = table("", [title for title, _read in columns], rows, marked=marked, mark=_("best"), bars=False)
    return f'<details class="epochs"><summary>{escape(_("Epoch by epoch"))}</summary>{drawn}</details>'
