"""Curves of what is learned: greedy results with their range, and the results while exploring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from axone.figures.canvas import SOFT, Axes, Canvas
from axone.messages import _
from axone.numbers import format_number

WIDTH, HEIGHT = 520.0, 300.0
LEFT, TOP = 80.0, 34.0
LINE, RANGE, EXPLORING = "#2166ac", "#c9dcee", "#e08214"
ROOM = 18.0  # pixels that a line of text needs above a line

Pair = tuple[float, float]


class Measured(NamedTuple):
    """One evaluation: how many steps there were before it, its result, and the range of this result."""

    steps: float
    mean: float
    low: float
    high: float


def draw_returns(history: Sequence[Mapping[str, Any]], steps_per_batch: float, solved: float | None) -> str:
    """Draw the return of greedy episodes over the steps that each policy has played.

    The range is that between the lowest and the highest policy.

    Args:
        history: The evaluations of `ControlLearner.history`.
        steps_per_batch: The steps of one policy in a batch.
        solved: The return at which the world counts as solved; None: it has none.
    """
    steps = [float(entry["batches"]) * steps_per_batch for entry in history]
    members = len(history[0]["returns"])
    greedy = [
        Measured(x, sum(entry["returns"]) / members, min(entry["returns"]), max(entry["returns"]))
        for x, entry in zip(steps, history)
    ]
    exploring = [(x, float(entry["exploring"])) for x, entry in zip(steps, history) if entry["exploring"] is not None]
    legend = (
        _("greedy episodes: mean of {count} policies, with the lowest and the highest", count=members),
        _("while exploring: episodes that ended in the training"),
    )
    return draw_progress(greedy, exploring, _("steps of each policy"), _("return"), legend, solved=solved)


def draw_progress(
    greedy: Sequence[Measured],
    exploring: Sequence[Pair],
    x_label: str,
    y_label: str,
    legend: tuple[str, str],
    *,
    solved: float | None = None,
    y: Pair | None = None,
) -> str:
    """Draw greedy results with their range, and results while exploring, over the steps of the training.

    Args:
        greedy: The evaluations, in order.
        exploring: Steps and results of the training itself.
        x_label: Label of the horizontal axis.
        y_label: Label of the vertical axis.
        legend: What the line with its range is, and what the other line is.
        solved: A threshold; None: there is none.
        y: The limits of the vertical axis; None: those of the values.
    """
    values = [*(part for one in greedy for part in one[1:]), *(value for _steps, value in exploring)]
    values += [] if solved is None else [solved]
    low, high = y or (min(values), max(values))
    margin = 0.04 * ((high - low) or 1.0)
    canvas = Canvas(WIDTH + 110, HEIGHT + 120)
    axes = Axes(canvas, (LEFT, TOP, WIDTH, HEIGHT), (0.0, greedy[-1].steps or 1.0), (low - margin, high + margin))
    pairs = [*((one.steps, one.high) for one in greedy), *((one.steps, one.low) for one in reversed(greedy))]
    canvas.polygon([axes.point(*pair) for pair in pairs], RANGE)
    if len(greedy) == 1:
        axes.line([(greedy[0].steps, greedy[0].low), (greedy[0].steps, greedy[0].high)], stroke=RANGE, width=6)
    axes.draw(x_label, y_label, grid=True)
    if solved is not None:
        axes.line([(0.0, solved), (axes.x[1], solved)], stroke=SOFT, width=1, dash="5 4")
        place = axes.point(0, solved)[1]
        text = _("solved: {value}", value=format_number(solved))
        canvas.text((LEFT + 6, place + 14 if place < TOP + ROOM else place - 5), text, size=12, fill=SOFT)
    axes.line(exploring, stroke=EXPLORING, width=1.5, dash="3 3")
    axes.line([(one.steps, one.mean) for one in greedy], stroke=LINE, width=2.2)
    for one in greedy:
        canvas.circle(axes.point(one.steps, one.mean), 3, fill=LINE, stroke=LINE)
    for number, (color, dash, text) in enumerate(((LINE, "", legend[0]), (EXPLORING, "3 3", legend[1]))):
        top = HEIGHT + 92 + 18 * number
        canvas.line([(LEFT, top - 4), (LEFT + 24, top - 4)], stroke=color, width=2.5, dash=dash)
        canvas.text((LEFT + 32, top), text, size=12)
    return canvas.svg()
