"""Line charts as SVG in HTML, complete without JavaScript.

A chart is drawn on a linear scale and, on request, on a logarithmic one too; a check box switches between them by CSS
alone. The attribute `data-chart` holds the numbers, which a script can show under the pointer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from axone.figures.text import clean_text, escape
from axone.figures.ticks import choose_log_ticks, choose_ticks
from axone.messages import _
from axone.metrics import format_value, is_percentage
from axone.numbers import NARROW_SPACE, Number, format_number, format_percent

WIDTH, HEIGHT = 480, 264
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 22, 30
MOST_POINTS = 400  # of one line
MOST_DOTS = 40  # a line of more points is drawn without a dot at each

Point = tuple[Number, Number]


@dataclass(frozen=True)
class Line:
    """One curve: its label, its style (train, validation, steps or other), and (x, y) in order of x."""

    label: str
    style: str
    points: Sequence[Point]


def draw_chart(
    identity: str,
    title: str,
    lines: Sequence[Line],
    *,
    x_label: str,
    logarithm: bool = False,
    best: Number | None = None,
    metric: str = "",
) -> str:
    """Draw a chart as an HTML figure; return an empty text when no line has a point.

    Args:
        identity: The id of the element in the page.
        title: The heading of the chart.
        lines: The curves; those of style "steps" are drawn faint, below the others.
        x_label: The unit of the horizontal axis.
        logarithm: Whether to offer a logarithmic scale, where all values are positive.
        best: The x of the epoch whose weights are those of the model.
        metric: The id of the metric that is drawn; it decides between numbers and percentages.
    """
    lines = [Line(line.label, line.style, thin_points(line.points)) for line in lines if line.points]
    if not lines:
        return ""
    as_percentage = is_percentage(metric) and all(0 <= y <= 1 for line in lines for _x, y in line.points)
    logarithm = logarithm and all(y > 0 for line in lines for _x, y in line.points)
    validation = next((line for line in lines if line.style == "validation"), None)
    drawings = [_draw(lines, validation, x_label, best, as_percentage, False, title)]
    toggle = ""
    if logarithm:
        drawings.append(_draw(lines, validation, x_label, best, as_percentage, True, title))
        toggle = f'<label class="toggle"><input type="checkbox"> {escape(_("log scale"))}</label>'
    data = {
        "percentage": as_percentage,
        "x": clean_text(x_label),
        "lines": [
            {
                "label": clean_text(line.label, 80),
                "style": line.style,
                "points": [_round(point) for point in line.points],
            }
            for line in lines
        ],
    }
    key = "".join(
        f'<li class="{line.style}"><svg viewBox="0 0 22 8" aria-hidden="true"><path d="M0 4H22"/></svg>'
        f"{escape(line.label, 80)}{_last_value(line, metric)}</li>"
        for line in lines
    )
    key = f'<ul class="key">{key}</ul>' if len(lines) > 1 else ""
    return (
        f'<figure class="chart" id="{escape(identity)}" data-chart="{escape(json.dumps(data), 10**7)}">'
        f"<figcaption><h3>{escape(title, 120)}</h3>{toggle}</figcaption>"
        f'<div class="plot">{"".join(drawings)}</div>{key}</figure>'
    )


def thin_points(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """Return about `most` points at most: the lowest and the highest of each interval, so that spikes stay."""
    if len(points) <= most:
        return list(points)
    thinned = [points[0]]
    length = 2 * (len(points) - 2) / (most - 2)
    for part in range((most - 2) // 2):
        interval = points[1 + int(part * length) : 1 + int((part + 1) * length)]
        if interval:
            thinned += sorted({min(interval, key=lambda point: point[1]), max(interval, key=lambda point: point[1])})
    return [*thinned, points[-1]]


def _round(point: Point) -> list[float]:
    return [float(f"{point[0]:.5g}"), float(f"{point[1]:.5g}")]


def _last_value(line: Line, metric: str) -> str:
    if line.style == "steps":
        return ""
    return f" <b>{escape(format_value(metric, line.points[-1][1]))}</b>"


def _choose_range(lines: Sequence[Line], as_percentage: bool, logarithm: bool) -> tuple[Number, Number, list[float]]:
    """Return the lowest and the highest value of the vertical axis, and the ticks between them."""
    exact = sorted(y for line in lines if line.style != "steps" for _x, y in line.points)
    noisy = sorted(y for line in lines if line.style == "steps" for _x, y in line.points)
    # Single steps are noisy: their extreme values may lie outside the frame, those of whole epochs may not.
    within = noisy[len(noisy) // 50 : len(noisy) - len(noisy) // 50] if exact else noisy
    low, high = min(exact[:1] + within[:1]), max(exact[-1:] + within[-1:])
    if logarithm:
        low, high = (low / 1.08, high * 1.08) if high / low > 1.05 else (low / 2, high * 2)
        return low, high, choose_log_ticks(low, high)
    if 0 <= low < 0.4 * high and not as_percentage:
        low = 0.0
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-30):
        spread = max(0.5 * abs(low), 0.05 if as_percentage else 1e-3)
        low, high = low - spread, high + spread
        low = max(low, 0.0) if as_percentage else low
    margin = 0.06 * (high - low)
    low = low if low == 0 else max(low - margin, 0.0) if low >= 0 else low - margin
    high = min(high + margin, 1.0) if as_percentage else high + margin
    if high <= low:
        low = high - 0.1
    return low, high, choose_ticks(low, high)


def _draw(
    lines: Sequence[Line],
    validation: Line | None,
    x_label: str,
    best: Number | None,
    as_percentage: bool,
    logarithm: bool,
    title: str,
) -> str:
    """Draw the frame, the ticks and the lines on one scale."""
    xs = [x for line in lines for x, _y in line.points]
    x_low, x_high = min(0.0, *xs), max(xs)
    # A last step shortly before the end of an epoch is moved to the tick of that epoch.
    x_high = round(x_high) if 0 < round(x_high) - x_high < 0.05 * x_high else x_high
    x_high = x_high if x_high > x_low else x_low + 1
    y_low, y_high, y_ticks = _choose_range(lines, as_percentage, logarithm)
    transform = math.log if logarithm else float

    def to_x(x: Number) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (x - x_low) / (x_high - x_low), 1)

    def to_y(y: Number) -> float:
        height = (transform(y) - transform(y_low)) / (transform(y_high) - transform(y_low))
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * max(-0.5, min(1.5, height)), 1)

    digits = 0 if y_high - y_low > 0.05 else 1 if y_high - y_low > 0.005 else 2
    parts = []
    for tick in y_ticks:
        label = format_percent(tick, digits) if as_percentage else format_number(float(tick))
        parts.append(f'<path class="grid" d="M{LEFT} {to_y(tick)}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{to_y(tick) + 4}" text-anchor="end">{escape(label)}</text>')
    whole = x_high - x_low >= 2
    for tick in choose_ticks(x_low, x_high, 6):
        if not whole or tick == int(tick):
            label = format_number(int(tick) if tick == int(tick) else tick)
            place = f'x="{to_x(tick)}" y="{HEIGHT - BOTTOM + 16}"'
            parts.append(f'<text {place} text-anchor="middle">{escape(label)}</text>')
    parts.append(f'<text class="axis" x="{WIDTH - RIGHT}" y="{HEIGHT - 2}" text-anchor="end">{escape(x_label)}</text>')
    if best is not None and x_low <= best <= x_high:
        side = "end" if to_x(best) > WIDTH * 0.6 else "start"
        shift = 4 if side == "end" else -4
        parts.append(f'<path class="best" d="M{to_x(best)} {TOP}V{HEIGHT - BOTTOM}"/>')
        parts.append(
            f'<text class="best" x="{to_x(best) + shift}" y="{TOP - 9}" text-anchor="{side}">'
            f"{escape(_('best epoch'))}</text>"
        )
    # An inner svg clips what lies outside the frame, with a margin for the dots on its edge.
    margin = 7
    x, y, width, height = (
        LEFT - margin,
        TOP - margin,
        WIDTH - LEFT - RIGHT + 2 * margin,
        HEIGHT - TOP - BOTTOM + 2 * margin,
    )
    parts.append(f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{x} {y} {width} {height}">')
    for line in sorted(lines, key=lambda line: line.style != "steps"):
        spots = [(to_x(x), to_y(y)) for x, y in line.points]
        path = "M" + "L".join(f"{x:g} {y:g}" for x, y in spots)
        many = " many" if len(spots) > MOST_DOTS else ""
        parts.append(f'<path class="line {line.style}{many}" d="{path}"/>')
        if len(spots) <= MOST_DOTS and line.style != "steps":
            parts += [f'<circle class="{line.style}" cx="{x:g}" cy="{y:g}" r="2.6"/>' for x, y in spots]
    if validation and best is not None:
        parts += [
            f'<circle class="best" cx="{to_x(x)}" cy="{to_y(y)}" r="5"/>' for x, y in validation.points if x == best
        ]
    parts.append("</svg>")
    scale = f"{x_low:g},{x_high:g},{y_low!r},{y_high!r}"
    return (
        f'<svg class="{"logarithm" if logarithm else "linear"}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_summarize(title, lines, as_percentage))}" data-scale="{scale}">{"".join(parts)}</svg>'
    )


def _summarize(title: str, lines: Sequence[Line], as_percentage: bool) -> str:
    """Describe the chart in words, for screen readers."""
    parts = []
    for line in lines:
        first, last = line.points[0][1], line.points[-1][1]
        start, end = (
            (format_percent(first), format_percent(last))
            if as_percentage
            else (format_number(first), format_number(last))
        )
        parts.append(_("{line} from {start} to {end}", line=line.label, start=start, end=end))
    return f"{title}: " + "; ".join(parts).replace(NARROW_SPACE, " ")
