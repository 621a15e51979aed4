"""Charts of a report on a model of tables, each an SVG drawing: curves, bars, scatter plots, decision boundaries."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64, UInt8

from axone.figures.canvas import BLUE, INK, RED, RULE, SOFT, Axes, Canvas
from axone.numbers import format_number

# Ten colors that people with color vision deficiency can distinguish as well as possible: Petroff 2021,
# arXiv:2107.02270.
COLORS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
MAX_LINES = 10  # in one chart: as many as there are colors
UNIT = (0.0, 1.0)  # the limits of an axis of probabilities
SIZE = 300.0  # pixels along each side of a chart
SCATTER_POINTS = 2000
BOUNDARY_POINTS = 600
PANEL, PANEL_GAP, PANELS_IN_A_ROW = 220.0, 84.0, 2  # pixels of a small chart and between two of them
MAX_LABEL = 18  # characters of the name of a category below its axis

Line = tuple[str, np.ndarray, np.ndarray]  # label, x and y of its points


@dataclass(frozen=True)
class Panel:
    """A small chart of one column.

    Args:
        title: The name of the column.
        lines: The lines, all with the same x.
        labels: The names of whole numbers from 0 along x, for a category; empty for an axis of numbers.
        is_date: Whether x is in days since 1970-01-01, and written as dates.
    """

    title: str
    lines: Sequence[Line]
    labels: Sequence[str] = ()
    is_date: bool = False


def curves(
    lines: Sequence[Line], x_label: str, y_label: str, *, x: tuple[float, float] = UNIT,
    y: tuple[float, float] = UNIT, diagonal: bool = False, markers: bool = False, whole_x: bool = False,
    dashed: int = 0,
) -> str:  # fmt: skip
    """Draw lines in one square.

    Args:
        lines: The lines; those of a chart with several get a legend.
        x_label: Label of the horizontal axis.
        y_label: Label of the vertical axis.
        x: Limits of the horizontal axis.
        y: Limits of the vertical axis.
        diagonal: Whether to draw a dashed line from lower left to upper right.
        markers: Whether to mark the points of the lines.
        whole_x: Whether the horizontal axis counts something: then it has only whole numbers.
        dashed: The number of lines, the last ones, that are dashed and have no markers.
    """
    legend = 18.0 * len(lines) if len(lines) > 1 or lines[0][0] else 0.0
    canvas = Canvas(SIZE + 90, SIZE + 84 + (legend and legend + 6))
    axes = Axes(canvas, (60, 34, SIZE, SIZE), _widen(x), _widen(y))
    axes.draw(x_label, y_label, grid=True, whole_x=whole_x)
    if diagonal:
        low, high = max(x[0], y[0]), min(x[1], y[1])
        axes.line([(low, low), (high, high)], stroke=SOFT, width=1, dash="4 4")
    for k, (label, xs, ys) in enumerate(lines):
        color = COLORS[k % len(COLORS)]
        dash = "6 4" if k >= len(lines) - dashed else ""
        axes.line(zip(xs.tolist(), ys.tolist()), stroke=color, width=2, dash=dash)
        if markers and not dash:
            for point in zip(xs.tolist(), ys.tolist()):
                canvas.circle(axes.point(*point), 3, fill=color, stroke=color)
        if legend:
            top = SIZE + 96 + 18 * k
            canvas.line([(60, top - 4), (84, top - 4)], stroke=color, width=3, dash=dash)
            canvas.text((92, top), shorten_label(label, 48), size=12)
    return canvas.svg()


def bars(labels: Sequence[str], values: Sequence[float], deviations: Sequence[float], x_label: str) -> str:
    """Draw horizontal bars with error bars of one standard deviation, the first on top."""
    row, left, length = 24.0, 190.0, 300.0
    canvas = Canvas(left + length + 80, row * len(labels) + 70)
    low = min(0.0, *(value - deviation for value, deviation in zip(values, deviations)))
    high = max(1e-12, *(value + deviation for value, deviation in zip(values, deviations)))
    axes = Axes(canvas, (left, 16, length, row * len(labels) + 4), (low, high), (0, 1))
    zero = axes.point(0, 0)[0]
    for k, (label, value, deviation) in enumerate(zip(labels, values, deviations)):
        middle = 16 + row * (k + 0.5) + 2
        end = axes.point(value, 0)[0]
        canvas.box((min(zero, end), middle - 7), abs(end - zero), 14, fill=COLORS[0], stroke=COLORS[0])
        ends = [(axes.point(value + sign * deviation, 0)[0], middle) for sign in (-1, 1)]
        canvas.line(ends, width=1.2)
        canvas.text((left - 8, middle + 4), shorten_label(label, 26), size=12, anchor="end")
        canvas.text((left + length + 8, middle + 4), format_number(float(f"{value:.3g}")), size=12, fill=SOFT)
    canvas.line([(zero, 16), (zero, 20 + row * len(labels))], stroke=SOFT, width=1)
    canvas.text((left + length / 2, row * len(labels) + 48), x_label, size=12, anchor="middle", fill=SOFT)
    return canvas.svg()


def scatter(
    x: Float[np.ndarray, " points"], y: Float[np.ndarray, " points"], x_label: str, y_label: str, *,
    horizontal: bool = False,
) -> str:  # fmt: skip
    """Draw at most 2,000 points and a dashed line on which they would ideally lie.

    Args:
        x: Horizontal coordinates.
        y: Vertical coordinates.
        x_label: Label of the horizontal axis.
        y_label: Label of the vertical axis.
        horizontal: Whether the line is y = 0 instead of y = x.
    """
    chosen = slice(None, None, max(1, len(x) // SCATTER_POINTS))
    x, y = x[chosen], y[chosen]
    limits = [(float(part.min()), float(part.max())) for part in (x, y)]
    if not horizontal:
        limits = [(min(low for low, _high in limits), max(high for _low, high in limits))] * 2
    canvas = Canvas(SIZE + 100, SIZE + 84)
    axes = Axes(canvas, (70, 34, SIZE, SIZE), _widen(limits[0]), _widen(limits[1]))
    axes.draw(x_label, y_label, grid=True)
    for point in zip(x.tolist(), y.tolist()):
        canvas.circle(axes.point(*point), 2.2, fill=COLORS[0], stroke="none", opacity=0.5)
    ends = axes.x if not horizontal else (0.0, 0.0)
    axes.line([(axes.x[0], ends[0]), (axes.x[1], ends[1])], stroke=INK, width=1, dash="5 4")
    return canvas.svg()


def panels(drawn: Sequence[Panel], y: tuple[float, float], y_label: str) -> str:
    """Draw small charts side by side, two in a row, with the same vertical axis and one legend.

    Categories are named below their axis, and dates are written as dates.
    """
    labels = [label for label, _x, _y in drawn[0].lines] if drawn else []
    legend = 20.0 * len(labels) if len(labels) > 1 else 0.0
    rows = [drawn[k : k + PANELS_IN_A_ROW] for k in range(0, len(drawn), PANELS_IN_A_ROW)]
    below = [max(_label_height(panel) for panel in row) for row in rows]  # of each row, for the labels of its axes
    width = PANELS_IN_A_ROW * (PANEL + PANEL_GAP) + 20
    canvas = Canvas(width, 26 + sum(40 + PANEL + height for height in below) + legend)
    canvas.text((10, 18), y_label, size=14, fill=SOFT)
    top = 26.0
    for row, height in zip(rows, below):
        for column, panel in enumerate(row):
            _draw_panel(canvas, panel, (62 + column * (PANEL + PANEL_GAP), top + 30), y)
        top += 40 + PANEL + height
    for k, label in enumerate(labels if legend else ()):
        middle = top + 14 + 20 * k
        canvas.line([(62, middle - 5), (86, middle - 5)], stroke=COLORS[k % len(COLORS)], width=3)
        canvas.text((94, middle), shorten_label(label, 60), size=14)
    return canvas.svg()


def _draw_panel(canvas: Canvas, panel: Panel, at: tuple[float, float], y: tuple[float, float]) -> None:
    left, top = at
    xs = panel.lines[0][1]
    x = (-0.5, len(panel.labels) - 0.5) if panel.labels else (float(xs[0]), float(xs[-1]))
    axes = Axes(canvas, (left, top, PANEL, PANEL), _widen(x), _widen(y))
    has_names = bool(panel.labels) or panel.is_date
    axes.draw(grid=not has_names, about=3, x_ticks=not has_names)
    canvas.text((left, top - 8), shorten_label(panel.title, 28), size=14, bold=True)
    for color, (_label, values, heights) in zip(COLORS, panel.lines):
        axes.line(zip(values.tolist(), heights.tolist()), stroke=color, width=2)
        for point in zip(values.tolist(), heights.tolist()) if panel.labels else ():
            canvas.circle(axes.point(*point), 3, fill=color, stroke=color)
    for k, label in enumerate(panel.labels):
        across, _up = axes.point(k, axes.y[0])
        canvas.text(
            (across + 4, top + PANEL + 15), shorten_label(label, MAX_LABEL), size=12, fill=SOFT, anchor="end", turn=-40
        )
    if panel.is_date:
        for share, anchor in ((0.0, "start"), (1.0, "end")):
            days = axes.x[0] + share * (axes.x[1] - axes.x[0])
            canvas.text((left + share * PANEL, top + PANEL + 18), _format_date(days), size=12, fill=SOFT, anchor=anchor)


def _label_height(panel: Panel) -> float:
    """Return the pixels that the labels below a panel need: those of categories are turned by 40 degrees."""
    longest = max((len(shorten_label(label, MAX_LABEL)) for label in panel.labels), default=0)
    return 14 + 0.65 * 7.5 * longest if panel.labels else 10.0


def shorten_label(text: str, longest: int) -> str:
    """Return a text of at most `longest` characters, which ends in an ellipsis where some were left out."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _format_date(days: float) -> str:
    """Return days since 1970-01-01 as an ISO date; as a number where no calendar has that day."""
    try:
        return (datetime.date(1970, 1, 1) + datetime.timedelta(days=round(days))).isoformat()
    except (OverflowError, ValueError):
        return format_number(days)


def boundary(
    probabilities: Float[np.ndarray, "height width classes"], points: Float[np.ndarray, "points 2"],
    labels: Int64[np.ndarray, " points"], classes: Sequence[str], names: Sequence[str],
    limits: Sequence[tuple[float, float]],
) -> str:  # fmt: skip
    """Draw the most probable class at each point of a plane, paler where its probability is lower.

    Args:
        probabilities: Of each class on a regular grid; the first row is the lowest.
        points: Coordinates of samples; at most about 600 are drawn.
        labels: The class index of each sample.
        classes: Names of the classes.
        names: Labels of the two axes.
        limits: Limits of the two axes.
    """
    legend = 18.0 * len(classes)
    canvas = Canvas(SIZE + 100, SIZE + 90 + legend)
    axes = Axes(canvas, (60, 34, SIZE, SIZE), limits[0], limits[1])
    canvas.image((60, 34), SIZE, SIZE, _blend(probabilities)[::-1])
    axes.draw(names[0], names[1])
    chosen = slice(None, None, max(1, len(points) // BOUNDARY_POINTS))
    for (x, y), label in zip(points[chosen].tolist(), labels[chosen].tolist()):
        canvas.circle(axes.point(x, y), 2.6, fill=_class_color(label, len(classes)), stroke="#ffffff", width=0.6)
    for k, name in enumerate(classes):
        top = SIZE + 90 + 18 * k
        canvas.circle((68, top - 4), 5, fill=_class_color(k, len(classes)), stroke=RULE)
        canvas.text((80, top), shorten_label(name, 48), size=12)
    return canvas.svg()


def _blend(probabilities: Float[np.ndarray, "height width classes"]) -> UInt8[np.ndarray, "height width 3"]:
    """Return the mean color of the classes, weighted by probability, paler where the highest probability is low."""
    classes = probabilities.shape[2]
    colors = np.array([_rgb(_class_color(k, classes)) for k in range(classes)])
    mixed = probabilities @ colors
    certainty = (probabilities.max(2, keepdims=True) - 1 / classes) / (1 - 1 / classes)
    return (255 - (255 - mixed) * (0.12 + 0.4 * certainty)).clip(0, 255).astype(np.uint8)


def _class_color(index: int, classes: int) -> str:
    return (BLUE, RED)[index] if classes == 2 else COLORS[index % len(COLORS)]


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _widen(limits: tuple[float, float]) -> tuple[float, float]:
    """Return the limits of an axis; where both are equal, half a unit around them."""
    low, high = limits
    return (low, high) if high > low else (low - 0.5, high + 0.5)
