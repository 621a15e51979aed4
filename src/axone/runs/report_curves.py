"""The report's curves: each metric over the epochs, the steps behind it, learning rate and speed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axone.messages import _
from axone.runs.report_charts import Line, Point, chart
from axone.runs.report_parts import table
from axone.runs.report_story import Story
from axone.runs.report_text import dictionary, escape, is_number, is_share, words

# What a step or an epoch event carries besides metrics.
_PLACES = ("kind", "time", "step", "epoch", "batch", "batches", "learning_rate", "samples_per_second", "seconds", "best")
MOST_CHARTS = 24
MOST_EPOCHS = 250  # rows of the table


def curves(story: Story) -> str:
    """Draw all curves of a run and the table behind them; empty before the first step was told."""
    position, x_label = _positions(story)
    best = story.best.get("epoch") if is_number(story.best.get("epoch")) else None
    drawn = []
    for name in _metrics(story)[:MOST_CHARTS]:
        lines = [Line(_("training, step by step"), "steps", _along(story.steps, position, lambda event, n=name: event.get(n)))]
        for key, label in (("train", _("training")), ("validation", _("validation"))):
            points = _along(story.epochs, _epoch, lambda event, n=name, k=key: dictionary(event.get(k)).get(n))
            lines.append(Line(label, key, points))
        is_loss = not is_share(name)
        title = words(name)
        drawn.append(chart(f"curve-{len(drawn)}", title, lines, x_label=x_label, logarithm=is_loss, best=best, metric=name))
    source, where = (story.steps, position) if story.steps else (story.epochs, _epoch)
    for name, title in (("learning_rate", _("learning rate")), ("samples_per_second", _("samples per second"))):
        points = _along(source, where, lambda event, n=name: event.get(n))
        line = Line(title, "other", points)
        drawn.append(chart(f"curve-{len(drawn)}", title, [line], x_label=x_label, logarithm=False))
    drawn = [figure for figure in drawn if figure]
    if not drawn:
        return ""
    return f'<div class="charts">{"".join(drawn)}</div>{_epoch_table(story)}'


def _metrics(story: Story) -> list[str]:
    """List the metrics in order of appearance, those of epochs first; the loss leads."""
    names: dict[str, None] = {}
    for event in story.epochs:
        for key in ("train", "validation"):
            names.update(dict.fromkeys(dictionary(event.get(key))))
    for event in story.steps:
        names.update(dict.fromkeys(key for key, value in event.items() if key not in _PLACES and is_number(value)))
    return sorted(names, key=lambda name: name != "loss")


def _along(events: list[dict[str, Any]], position: Callable[[dict[str, Any]], Any], value: Callable[[dict[str, Any]], Any]) -> list[Point]:
    """Pair each event's position with its value, leaving out what is not a number."""
    found = [(position(event), value(event)) for event in events]
    return [(x, y) for x, y in found if is_number(x) and is_number(y)]


def _epoch(event: dict[str, Any]) -> Any:
    return event.get("epoch")


def _positions(story: Story) -> tuple[Callable[[dict[str, Any]], Any], str]:
    """Choose where a step lies on the horizontal axis: in epochs when their length is known, else in steps."""
    lengths = [event["step"] / event["epoch"] for event in story.epochs if is_number(event.get("step")) and event["epoch"] > 0]
    if lengths and lengths[-1] > 0:
        return (lambda event: event["step"] / lengths[-1]), _("epochs")
    told = ("epoch", "batch", "batches")
    if story.steps and all(is_number(event.get(name)) for event in story.steps for name in told):
        return (lambda event: event["epoch"] - 1 + event["batch"] / max(1, event["batches"])), _("epochs")
    return (lambda event: event["step"]), _("steps")


def _epoch_table(story: Story) -> str:
    """All figures of all epochs, folded away; the epoch that was kept is marked."""
    if not story.epochs:
        return ""
    columns = [(_("epoch"), lambda event: event.get("epoch")), (_("step"), lambda event: event.get("step"))]
    columns.append((_("seconds"), lambda event: event.get("seconds")))
    columns.append((_("learning rate"), lambda event: event.get("learning_rate")))
    for key, label in (("train", _("training")), ("validation", _("validation"))):
        for name in _metrics(story)[:12]:
            if any(name in dictionary(event.get(key)) for event in story.epochs):
                columns.append((f"{label} {words(name)}", lambda event, k=key, n=name: dictionary(event.get(k)).get(n)))
    every = -(-len(story.epochs) // MOST_EPOCHS)
    chosen = [event for place, event in enumerate(story.epochs) if place % every == 0 or event is story.best or event is story.epochs[-1]]
    rows = [[read(event) for _label, read in columns] for event in chosen]
    marked = [event is story.best for event in chosen]
    drawn = table("", [label for label, _read in columns], rows, marked=marked, mark=_("best"), bars=False)
    return f'<details class="epochs"><summary>{escape(_("Epoch by epoch"))}</summary>{drawn}</details>'
