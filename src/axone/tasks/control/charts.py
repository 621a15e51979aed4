"""The curve of the return: the mean of all policies, the range between the lowest and the highest one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from axone.figures.canvas import SOFT, Axes, Canvas
from axone.messages import _
from axone.numbers import format_number

WIDTH, HEIGHT = 520.0, 300.0
LINE, RANGE, EXPLORING = "#2166ac", "#c9dcee", "#e08214"


def draw_returns(history: Sequence[Mapping[str, Any]], steps_per_batch: float, solved: float | None) -> str:
    """Draw the return of greedy episodes over the steps that each policy has played.

    Args:
        history: The evaluations of `ControlLearner.history`.
        steps_per_batch: The steps of one policy in a batch.
        solved: The return at which the world counts as solved; None: it has none.
    """
    steps = [float(entry["batches"]) * steps_per_batch for entry in history]
    means = [sum(entry["returns"]) / len(entry["returns"]) for entry in history]
    lows, highs = ([function(entry["returns"]) for entry in history] for function in (min, max))
    exploring = [(x, entry["exploring"]) for x, entry in zip(steps, history) if entry["exploring"] is not None]
    values = [*lows, *highs, *(y for _x, y in exploring), *([] if solved is None else [solved])]
    low, high = min(values), max(values)
    margin = 0.04 * ((high - low) or 1.0)
    canvas = Canvas(WIDTH + 110, HEIGHT + 120)
    axes = Axes(canvas, (80, 34, WIDTH, HEIGHT), (0.0, steps[-1] or 1.0), (low - margin, high + margin))
    pairs = [*zip(steps, highs), *reversed(list(zip(steps, lows)))]
    canvas.polygon([axes.point(*pair) for pair in pairs], RANGE)
    if len(steps) == 1:
        axes.line([(steps[0], lows[0]), (steps[0], highs[0])], stroke=RANGE, width=6)
    axes.draw(_("steps of each policy"), _("return"), grid=True)
    if solved is not None:
        axes.line([(0.0, solved), (axes.x[1], solved)], stroke=SOFT, width=1, dash="5 4")
        canvas.text(
            (80 + 6, axes.point(0, solved)[1] - 5),
            _("solved: {value}", value=format_number(solved)),
            size=12,
            fill=SOFT,
        )
    axes.line(exploring, stroke=EXPLORING, width=1.5, dash="3 3")
    axes.line(list(zip(steps, means)), stroke=LINE, width=2.2)
    for pair in zip(steps, means):
        canvas.circle(axes.point(*pair), 3, fill=LINE, stroke=LINE)
    members = len(history[0]["returns"])
    legend = [
        (LINE, "", _("greedy episodes: mean of {count} policies, with the lowest and the highest", count=members)),
        (EXPLORING, "3 3", _("while exploring: episodes that ended in the training")),
    ]
    for number, (color, dash, text) in enumerate(legend):
        top = HEIGHT + 92 + 18 * number
        canvas.line([(80, top - 4), (104, top - 4)], stroke=color, width=2.5, dash=dash)
        canvas.text((112, top), text, size=12)
    return canvas.svg()
