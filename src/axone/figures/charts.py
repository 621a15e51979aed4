"""Curves as small SVG drawings, complete without JavaScript.

A chart is drawn once on a linear scale and, where asked for, once more on a logarithmic one; a check box
chooses between the two by CSS alone. The numbers ride along in `data-chart`, from which report.js shows the
values under the pointer or the arrow keys.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from axone.figures.text import escape, plain
from axone.messages import _
from axone.metrics import format_value, is_percentage
from axone.numbers import NARROW_SPACE, Number, number, percent

WIDTH, HEIGHT = 480, 264
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 22, 30
MOST_POINTS = 400  # of one line
MOST_DOTS = 40  # a line with more points than this shows no dot on each

Point = tuple[Number, Number]


@dataclass(frozen=True)
class Line:
    """One curve: its label, its look (train, validation, steps or other), and (x, y) in order of x."""

    label: str
    look: str
    points: Sequence[Point]


def chart(
    identity: str,
    title: str,
    lines: Sequence[Line],
    *,
    x_label: str,
    logarithm: bool = False,
    best: Number | None = None,
    metric: str = "",
) -> str:
    """Draw one chart as an HTML figure; empty when no line has a point.

    `metric` is the name of what is measured (it decides between numbers and percentages), `best` the x of
    the epoch whose weights were kept.
    """
    lines = [Line(line.label, line.look, thinned(line.points)) for line in lines if line.points]
    if not lines:
        return ""
    as_share = is_percentage(metric) and all(0 <= y <= 1 for line in lines for _x, y in line.points)
    logarithm = logarithm and all(y > 0 for line in lines for _x, y in line.points)
    kept = next((line for line in lines if line.look == "validation"), None)
    drawings = [_drawing(lines, kept, x_label, best, as_share, False, title)]
    toggle = ""
    if logarithm:
        drawings.append(_drawing(lines, kept, x_label, best, as_share, True, title))
        toggle = f'<label class="toggle"><input type="checkbox"> {escape(_("log scale"))}</label>'
    data = {
        "share": as_share,
        "x": plain(x_label),
        "lines": [
            {"label": plain(line.label, 80), "look": line.look, "points": [_short(point) for point in line.points]}
            for line in lines
        ],
    }
    key = "".join(
        f'<li class="{line.look}"><svg viewBox="0 0 22 8" aria-hidden="true"><path d="M0 4H22"/></svg>'
        f"{escape(line.label, 80)}{_last(line, metric)}</li>"
        for line in lines
    )
    key = f'<ul class="key">{key}</ul>' if len(lines) > 1 else ""
    return (
        f'<figure class="chart" id="{escape(identity)}" data-chart="{escape(json.dumps(data), 10**7)}">'
        f"<figcaption><h3>{escape(title, 120)}</h3>{toggle}</figcaption>"
        f'<div class="plot">{"".join(drawings)}</div>{key}</figure>'
    )


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """Keep at most about `most` points: of each stretch its lowest and its highest, so no spike is lost."""
    if len(points) <= most:
        return list(points)
    kept = [points[0]]
    stretch = 2 * (len(points) - 2) / (most - 2)
    for part in range((most - 2) // 2):
        some = points[1 + int(part * stretch) : 1 + int((part + 1) * stretch)]
        if some:
            kept += sorted({min(some, key=lambda point: point[1]), max(some, key=lambda point: point[1])})
    return [*kept, points[-1]]


def ticks(low: Number, high: Number, about: int = 5) -> list[float]:
    """Choose round values (1, 2 or 5 times a power of ten) from low to high, about so many."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.75)
    first = math.ceil(low / step - 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: Number, high: Number) -> list[float]:
    """Choose powers of ten from low to high; with their 2 and 5 when there are few of them."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if len(powers) <= 4 else (1,)
    every = max(1, len(powers) // 6)
    values = [factor * 10.0**power for power in powers if power % every == 0 for factor in factors]
    return [value for value in values if low * 0.999 <= value <= high * 1.001]


def _short(point: Point) -> list[float]:
    return [float(f"{point[0]:.5g}"), float(f"{point[1]:.5g}")]


def _last(line: Line, metric: str) -> str:
    if line.look == "steps":
        return ""
    return f" <b>{escape(format_value(metric, line.points[-1][1]))}</b>"


def _vertical(lines: Sequence[Line], as_share: bool, logarithm: bool) -> tuple[Number, Number, list[float]]:
    """Choose the lowest and the highest value shown, and the marks between them."""
    firm = sorted(y for line in lines if line.look != "steps" for _x, y in line.points)
    loose = sorted(y for line in lines if line.look == "steps" for _x, y in line.points)
    # Single steps are noisy: their rarest values may leave the frame, those of whole epochs may not.
    within = loose[len(loose) // 50 : len(loose) - len(loose) // 50] if firm else loose
    low, high = min(firm[:1] + within[:1]), max(firm[-1:] + within[-1:])
    if logarithm:
        low, high = (low / 1.08, high * 1.08) if high / low > 1.05 else (low / 2, high * 2)
        return low, high, log_ticks(low, high)
    if 0 <= low < 0.4 * high and not as_share:
        low = 0.0
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-30):
        low, high = low - max(0.5 * abs(low), 1e-3), high + max(0.5 * abs(high), 1e-3)
    margin = 0.06 * (high - low)
    low = low if low == 0 else max(low - margin, 0.0) if low >= 0 else low - margin
    high = min(high + margin, 1.0) if as_share else high + margin
    if high <= low:
        low = high - 0.1
    return low, high, ticks(low, high)


def _drawing(
    lines: Sequence[Line],
    kept: Line | None,
    x_label: str,
    best: Number | None,
    as_share: bool,
    logarithm: bool,
    title: str,
) -> str:
    """Draw the frame, the marks and the lines on one scale."""
    xs = [x for line in lines for x, _y in line.points]
    x_low, x_high = min(0.0, *xs), max(xs)
    # A last step just short of a whole epoch ends at that epoch's mark.
    x_high = round(x_high) if 0 < round(x_high) - x_high < 0.05 * x_high else x_high
    x_high = x_high if x_high > x_low else x_low + 1
    y_low, y_high, y_ticks = _vertical(lines, as_share, logarithm)
    bend = math.log if logarithm else float

    def across(x: Number) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (x - x_low) / (x_high - x_low), 1)

    def down(y: Number) -> float:
        height = (bend(y) - bend(y_low)) / (bend(y_high) - bend(y_low))
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * max(-0.5, min(1.5, height)), 1)

    digits = 0 if y_high - y_low > 0.05 else 1 if y_high - y_low > 0.005 else 2
    parts = []
    for tick in y_ticks:
        label = percent(tick, digits) if as_share else number(float(tick))
        parts.append(f'<path class="grid" d="M{LEFT} {down(tick)}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{down(tick) + 4}" text-anchor="end">{escape(label)}</text>')
    whole = x_high - x_low >= 2
    for tick in ticks(x_low, x_high, 6):
        if not whole or tick == int(tick):
            label = number(int(tick) if tick == int(tick) else tick)
            place = f'x="{across(tick)}" y="{HEIGHT - BOTTOM + 16}"'
            parts.append(f'<text {place} text-anchor="middle">{escape(label)}</text>')
    parts.append(f'<text class="axis" x="{WIDTH - RIGHT}" y="{HEIGHT - 2}" text-anchor="end">{escape(x_label)}</text>')
    if best is not None and x_low <= best <= x_high:
        side = "end" if across(best) > WIDTH * 0.6 else "start"
        shift = 4 if side == "end" else -4
        parts.append(f'<path class="best" d="M{across(best)} {TOP}V{HEIGHT - BOTTOM}"/>')
        parts.append(
            f'<text class="best" x="{across(best) + shift}" y="{TOP - 9}" text-anchor="{side}">'
            f"{escape(_('best epoch'))}</text>"
        )
    # An inner svg cuts what leaves the frame, with room for the dots on its edge.
    edge = 7
    x, y, width, height = LEFT - edge, TOP - edge, WIDTH - LEFT - RIGHT + 2 * edge, HEIGHT - TOP - BOTTOM + 2 * edge
    parts.append(f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{x} {y} {width} {height}">')
    for line in sorted(lines, key=lambda line: line.look != "steps"):
        spots = [(across(x), down(y)) for x, y in line.points]
        path = "M" + "L".join(f"{x:g} {y:g}" for x, y in spots)
        many = " many" if len(spots) > MOST_DOTS else ""
        parts.append(f'<path class="line {line.look}{many}" d="{path}"/>')
        if len(spots) <= MOST_DOTS and line.look != "steps":
            parts += [f'<circle class="{line.look}" cx="{x:g}" cy="{y:g}" r="2.6"/>' for x, y in spots]
    if kept and best is not None:
        parts += [f'<circle class="kept" cx="{across(x)}" cy="{down(y)}" r="5"/>' for x, y in kept.points if x == best]
    parts.append("</svg>")
    scale = f"{x_low:g},{x_high:g},{y_low!r},{y_high!r}"
    return (
        f'<svg class="{"logarithm" if logarithm else "linear"}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_summary(title, lines, as_share))}" data-scale="{scale}">{"".join(parts)}</svg>'
    )


def _summary(title: str, lines: Sequence[Line], as_share: bool) -> str:
    """Say in words what the drawing shows, for those who cannot see it."""
    said = []
    for line in lines:
        first, last = line.points[0][1], line.points[-1][1]
        start, end = (percent(first), percent(last)) if as_share else (number(first), number(last))
        said.append(_("{line} from {start} to {end}", line=line.label, start=start, end=end))
    return f"{title}: " + "; ".join(said).replace(NARROW_SPACE, " ")
