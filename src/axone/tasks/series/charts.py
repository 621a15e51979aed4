"""Drawings of series as SVG: curves in panels, with a legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from axone.figures.canvas import RULE, SOFT, Axes, Canvas
from axone.numbers import Number
from axone.tasks.tables.charts import COLORS, shorten_label

PANEL_WIDTH, PANEL_HEIGHT, ACROSS = 300.0, 150.0, 2
MARGIN = 0.06  # of an axis above and below the curves, as a share of its length


@dataclass(frozen=True)
class Curve:
    """One curve of a panel.

    Args:
        label: What it is, for the legend.
        steps: Its places.
        values: Its values; NaN where there is a gap.
        color: The number of its color.
        is_soft: Whether it is drawn in gray: what was known.
        is_dashed: Whether it is dashed: what another method says.
    """

    label: str
    steps: Sequence[int]
    values: Sequence[float]
    color: int = 0
    is_soft: bool = False
    is_dashed: bool = False


def draw_curves(panels: Sequence[tuple[str, Sequence[Curve]]], *, x_label: str = "", y_label: str = "") -> str:
    """Draw panels, each a title and its curves, two in a row, and one legend for the curves of all."""
    across = min(ACROSS, len(panels))
    rows = math.ceil(len(panels) / across)
    legend = list(
        dict.fromkeys((c.label, c.color, c.is_soft, c.is_dashed) for _t, curves in panels for c in curves if c.label)
    )
    row_height = PANEL_HEIGHT + 78
    canvas = Canvas(across * (PANEL_WIDTH + 84) + 16, rows * row_height + 18 * len(legend) + 24)
    for number, (title, curves) in enumerate(panels):
        left = 66 + number % across * (PANEL_WIDTH + 84)
        top = 36 + number // across * row_height
        canvas.text((left, top - 14), shorten_label(title, 46), size=13, bold=True)
        _draw_panel(canvas, (left, top, PANEL_WIDTH, PANEL_HEIGHT), curves, x_label, y_label)
    for number, (label, color, is_soft, is_dashed) in enumerate(legend):
        y = rows * row_height + 18 * number + 18
        stroke = SOFT if is_soft else COLORS[color % len(COLORS)]
        canvas.line([(66, y - 4), (94, y - 4)], stroke=stroke, width=2.5, dash="5 4" if is_dashed else "")
        canvas.text((102, y), shorten_label(label, 60), size=12)
    return canvas.svg()


def _draw_panel(
    canvas: Canvas, box: tuple[Number, Number, Number, Number], curves: Sequence[Curve], x_label: str, y_label: str
) -> None:
    values = [value for curve in curves for value in curve.values if math.isfinite(value)] or [0.0]
    low, high = min(values), max(values)
    margin = MARGIN * (high - low) or 0.5
    first, last = min(min(curve.steps) for curve in curves), max(max(curve.steps) for curve in curves)
    axes = Axes(canvas, box, (first, max(last, first + 1)), (low - margin, high + margin))
    axes.draw(x_label, y_label, about=4)
    for curve in sorted(curves, key=lambda curve: not curve.is_soft):
        stroke = SOFT if curve.is_soft else COLORS[curve.color % len(COLORS)]
        for part in _split_at_gaps(list(zip(curve.steps, curve.values))):
            axes.line(part, stroke=stroke, width=1.6, dash="5 4" if curve.is_dashed else "")
    canvas.line([(box[0], box[1] + box[3]), (box[0] + box[2], box[1] + box[3])], stroke=RULE, width=0.5)


def _split_at_gaps(points: list[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Return the parts of a curve between missing values, each of two points or more."""
    parts: list[list[tuple[int, float]]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            parts[-1].append(point)
        else:
            parts.append([])
    return [part for part in parts if len(part) > 1]
