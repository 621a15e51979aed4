"""Drawings that help to read a model of tables: curves, bars, points, boundaries. Each is a small SVG."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int64, UInt8

from axone.figures.canvas import BLUE, INK, RED, RULE, SOFT, Axes, Canvas
from axone.numbers import number

# Ten colors that the color-blind tell apart as well as ten can be: Petroff 2021, arXiv:2107.02270.
COLORS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
SHARE = (0.0, 1.0)
SIDE = 300.0
MOST_POINTS = 2000

Line = tuple[str, np.ndarray, np.ndarray]  # name, x and y of its points


def curves(
    lines: Sequence[Line], x_label: str, y_label: str, *, x: tuple[float, float] = SHARE,
    y: tuple[float, float] = SHARE, diagonal: str = "", dots: bool = False,
) -> str:  # fmt: skip
    """Draw lines in one square; `diagonal` "up" dashes the line from lower left to upper right."""
    legend = 18.0 * len(lines) if len(lines) > 1 or lines[0][0] else 0.0
    canvas = Canvas(SIDE + 90, SIDE + 84 + (legend and legend + 6))
    axes = Axes(canvas, (60, 34, SIDE, SIDE), _wide(x), _wide(y))
    axes.draw(x_label, y_label, grid=True)
    if diagonal == "up":
        low, high = max(x[0], y[0]), min(x[1], y[1])
        axes.line([(low, low), (high, high)], stroke=SOFT, width=1, dash="4 4")
    for place, (name, across, up) in enumerate(lines):
        color = COLORS[place % len(COLORS)]
        axes.line(zip(across.tolist(), up.tolist()), stroke=color, width=2)
        if dots:
            for point in zip(across.tolist(), up.tolist()):
                canvas.circle(axes.point(*point), 3, fill=color, stroke=color)
        if legend:
            top = SIDE + 96 + 18 * place
            canvas.line([(60, top - 4), (84, top - 4)], stroke=color, width=3)
            canvas.text((92, top), name[:48], size=12)
    return canvas.svg()


def bars(names: Sequence[str], values: Sequence[float], spreads: Sequence[float], x_label: str) -> str:
    """Draw horizontal bars with their spread, the first on top."""
    row, left, length = 24.0, 190.0, 300.0
    canvas = Canvas(left + length + 80, row * len(names) + 70)
    low = min(0.0, *(value - spread for value, spread in zip(values, spreads)))
    high = max(1e-12, *(value + spread for value, spread in zip(values, spreads)))
    axes = Axes(canvas, (left, 16, length, row * len(names) + 4), (low, high), (0, 1))
    zero = axes.point(0, 0)[0]
    for place, (name, value, spread) in enumerate(zip(names, values, spreads)):
        middle = 16 + row * (place + 0.5) + 2
        end = axes.point(value, 0)[0]
        canvas.box((min(zero, end), middle - 7), abs(end - zero), 14, fill=COLORS[0], stroke=COLORS[0])
        canvas.line([(axes.point(value - spread, 0)[0], middle), (axes.point(value + spread, 0)[0], middle)], width=1.2)
        canvas.text((left - 8, middle + 4), name[:26], size=12, anchor="end")
        canvas.text((left + length + 8, middle + 4), number(float(f"{value:.3g}")), size=12, fill=SOFT)
    canvas.line([(zero, 16), (zero, 20 + row * len(names))], stroke=SOFT, width=1)
    canvas.text((left + length / 2, row * len(names) + 48), x_label, size=12, anchor="middle", fill=SOFT)
    return canvas.svg()


def scatter(
    x: Float[np.ndarray, " points"], y: Float[np.ndarray, " points"], x_label: str, y_label: str, *, level: bool = False
) -> str:
    """Draw points, at most 2,000, with the line on which they should lie: the diagonal, or `level` zero."""
    chosen = slice(None, None, max(1, len(x) // MOST_POINTS))
    x, y = x[chosen], y[chosen]
    spans = [(float(part.min()), float(part.max())) for part in (x, y)]
    if not level:
        spans = [(min(low for low, _high in spans), max(high for _low, high in spans))] * 2
    canvas = Canvas(SIDE + 100, SIDE + 84)
    axes = Axes(canvas, (70, 34, SIDE, SIDE), _wide(spans[0]), _wide(spans[1]))
    axes.draw(x_label, y_label, grid=True)
    for point in zip(x.tolist(), y.tolist()):
        canvas.circle(axes.point(*point), 2.2, fill=COLORS[0], stroke="none", opacity=0.5)
    ends = axes.x if not level else (0.0, 0.0)
    axes.line([(axes.x[0], ends[0]), (axes.x[1], ends[1])], stroke=INK, width=1, dash="5 4")
    return canvas.svg()


def panels(
    drawn: Sequence[tuple[str, Sequence[float] | Sequence[str], Sequence[Line]]], y: tuple[float, float], y_label: str
) -> str:
    """Draw small squares side by side, three a row: (title, x values or names, lines); one scale of y for all."""
    side, gap = 190.0, 74.0
    rows = -(-len(drawn) // 3)
    names = [name for name, _x, _y in drawn[0][2]] if drawn else []
    legend = 18.0 * len(names) if len(names) > 1 else 0.0
    canvas = Canvas(3 * (side + gap) + 20, rows * (side + gap) + 40 + legend)
    canvas.text((10, 18), y_label, size=12, fill=SOFT)
    for place, (title, values, lines) in enumerate(drawn):
        down, across = divmod(place, 3)
        words = [value for value in values if isinstance(value, str)]
        span = (-0.5, len(values) - 0.5) if words else (float(values[0]), float(values[-1]))
        axes = Axes(canvas, (56 + across * (side + gap), 44 + down * (side + gap), side, side), _wide(span), _wide(y))
        axes.draw(grid=not words, about=3)
        canvas.text((axes.box[0], axes.box[1] - 8), title[:28], size=12, bold=True)
        for color, (_name, x, heights) in zip(COLORS, lines):
            axes.line(zip(x.tolist(), heights.tolist()), stroke=color, width=2)
            for point in zip(x.tolist(), heights.tolist()) if words else ():
                canvas.circle(axes.point(*point), 3, fill=color, stroke=color)
    for place, name in enumerate(names if legend else ()):
        top = rows * (side + gap) + 44 + 18 * place
        canvas.line([(56, top - 4), (80, top - 4)], stroke=COLORS[place % len(COLORS)], width=3)
        canvas.text((88, top), name[:60], size=12)
    return canvas.svg()


def boundary(
    chances: Float[np.ndarray, "high wide classes"], points: Float[np.ndarray, "points 2"],
    truth: Int64[np.ndarray, " points"], classes: Sequence[str], names: Sequence[str],
    spans: Sequence[tuple[float, float]],
) -> str:  # fmt: skip
    """Draw where each class is the answer, the paler the less sure, with the points; the first row is the lowest."""
    legend = 18.0 * len(classes)
    canvas = Canvas(SIDE + 100, SIDE + 90 + legend)
    axes = Axes(canvas, (60, 34, SIDE, SIDE), spans[0], spans[1])
    canvas.image((60, 34), SIDE, SIDE, _painted(chances)[::-1])
    axes.draw(names[0], names[1])
    chosen = slice(None, None, max(1, len(points) // 600))
    for (x, y), label in zip(points[chosen].tolist(), truth[chosen].tolist()):
        canvas.circle(axes.point(x, y), 2.6, fill=_color(label, len(classes)), stroke="#ffffff", width=0.6)
    for place, name in enumerate(classes):
        top = SIDE + 90 + 18 * place
        canvas.circle((68, top - 4), 5, fill=_color(place, len(classes)), stroke=RULE)
        canvas.text((80, top), name[:48], size=12)
    return canvas.svg()


def _painted(chances: Float[np.ndarray, "high wide classes"]) -> UInt8[np.ndarray, "high wide 3"]:
    colors = np.array([_rgb(_color(place, chances.shape[2])) for place in range(chances.shape[2])])
    mixed = chances @ colors
    sure = (chances.max(2, keepdims=True) - 1 / chances.shape[2]) / (1 - 1 / chances.shape[2])
    return (255 - (255 - mixed) * (0.12 + 0.4 * sure)).clip(0, 255).astype(np.uint8)


def _color(place: int, count: int) -> str:
    return (BLUE, RED)[place] if count == 2 else COLORS[place % len(COLORS)]


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _wide(span: tuple[float, float]) -> tuple[float, float]:
    """Return a span that is one: axes cannot show a single number."""
    low, high = span
    return (low, high) if high > low else (low - 0.5, high + 0.5)
