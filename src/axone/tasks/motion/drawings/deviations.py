"""Charts of how far things are from the straight line, by steps ahead: what happened, and what was predicted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from axone.figures.canvas import BLUE, INK, RED, Axes, Canvas
from axone.messages import _

WIDTH, HEIGHT, LEFT, TOP = 190.0, 110.0, 58.0, 34.0  # pixels of a panel, and of the space for its labels
IN_A_ROW = 3
BORDER = 1.1  # times the largest deviation, which is the limit of an axis
QUANTILES = (0.5, 0.9, 1.0)  # of the deviations of one axis, at which windows are drawn


class Deviation(NamedTuple):
    """One coordinate of one thing, less that of the straight line, at each step ahead."""

    title: str
    true: Float[np.ndarray, " steps"]
    predicted: Float[np.ndarray, " steps"]


def choose_deviations(
    true: Float[np.ndarray, "windows steps 2"],
    predicted: Float[np.ndarray, "windows steps 2"],
    straight: Float[np.ndarray, "windows steps 2"],
    names: tuple[str, str],
) -> list[Deviation]:
    """Return, for each axis, windows with a usual, a large and the largest deviation from the straight line."""
    chosen = []
    for axis, name in enumerate(names):
        actual, expected = ((values - straight)[..., axis] for values in (true, predicted))
        order = np.abs(actual[:, -1]).argsort(kind="stable")
        places = dict.fromkeys(round(share * (len(order) - 1)) for share in QUANTILES)
        chosen += [Deviation(name, actual[order[place]], expected[order[place]]) for place in places]
    return chosen


def draw_deviations(deviations: Sequence[Deviation]) -> str:
    """Return an SVG drawing with a panel for each deviation and one legend."""
    columns = min(IN_A_ROW, len(deviations))
    rows = -(-len(deviations) // columns)
    step_x, step_y = WIDTH + LEFT + 10, HEIGHT + TOP + 44
    canvas = Canvas(columns * step_x + 10, rows * step_y + 26)
    largest: dict[str, float] = {}  # of each coordinate, so that its panels have one scale
    for one in deviations:
        highest = float(max(np.abs(one.true).max(), np.abs(one.predicted).max()))
        largest[one.title] = max(largest.get(one.title, 1e-9), highest)
    for number, deviation in enumerate(deviations):
        left, top = number % columns * step_x + LEFT, number // columns * step_y + TOP
        steps, limit = len(deviation.true), BORDER * largest[deviation.title]
        axes = Axes(canvas, (left, top, WIDTH, HEIGHT), (0.0, float(steps)), (-limit, limit))
        axes.draw(_("steps ahead"), deviation.title, grid=True, about=4)
        axes.line([(0, 0), (steps, 0)], stroke=RED, width=1.5, dash="4 3")
        for values, color in ((deviation.true, INK), (deviation.predicted, BLUE)):
            points = zip(range(steps + 1), [0.0, *values.tolist()])
            axes.line(points, stroke=color, width=2.2)
    x = LEFT
    for name, color, dash in ((_("true"), INK, ""), (_("predicted"), BLUE, ""), (_("straight"), RED, "4 3")):
        canvas.line([(x, canvas.height - 12), (x + 22, canvas.height - 12)], stroke=color, width=2.5, dash=dash)
        canvas.text((x + 28, canvas.height - 8), name, size=12)
        x += 46 + 7.2 * len(name)
    return canvas.svg()
