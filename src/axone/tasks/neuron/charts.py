"""A neuron to look at: drawn with its numbers, and the line that it draws among its samples.

Each drawing is SVG text. Weights and inputs are those the neuron sees, so columns are scaled; axes show the columns as
they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64

from axone.figures.canvas import BLUE, INK, RED, RULE, SOFT, Axes, Canvas, Point
from axone.figures.tiles import color_diverging
from axone.messages import _
from axone.numbers import Number, number
from axone.tasks.neuron.trace import fixed, signed

SHOWN = 4  # inputs drawn of a neuron that has more
BANDS = 20  # shades of the answers behind a decision line
WIDTH, ROW = 760, 74


@dataclass(frozen=True)
class Working:
    """The numbers inside one neuron for one sample."""

    name: str  # for example: child (age 9, weight 30.4)
    raw: Sequence[float]  # the inputs as they are
    inputs: Sequence[float]  # as the neuron sees them
    sum: float
    output: float
    answer: float  # the output on a scale of 0 to 1
    target: int
    error: float
    gradient: Sequence[float]  # how the error changes with each weight, and with the bias


def neuron(
    columns: Sequence[str],
    weights: Sequence[float],
    bias: float,
    activation: str,
    curve: Callable[[float], float],
    workings: Sequence[Working],
) -> str:
    """Draw the neuron once for each sample: inputs, weights and gradients, sum, activation, output, error."""
    rows = min(len(columns), SHOWN) + 1
    height = 60 + ROW * rows
    canvas = Canvas(WIDTH, height * len(workings) + 4)
    for place, working in enumerate(workings):
        _one(canvas, place * height, columns, [*weights, bias], activation, curve, working)
        if place:
            canvas.line([(12, place * height), (WIDTH - 12, place * height)], stroke=RULE, width=1)
    return canvas.svg()


def _one(
    canvas: Canvas,
    top: Number,
    columns: Sequence[str],
    weights: Sequence[float],
    activation: str,
    curve: Callable[[float], float],
    working: Working,
) -> None:
    shown = min(len(columns), SHOWN)
    places = [*range(shown), len(columns)]  # of the weights: the bias is the last
    strongest = max(0.5, *(abs(weights[place]) for place in places))
    middle = top + 52 + ROW * len(places) / 2
    body = (430.0, middle)
    truth = _("{name}: the neuron should say {target}", name=working.name, target=working.target)
    canvas.text((16, top + 26), truth, size=15, bold=True)
    for row, place in enumerate(places):
        start = (150.0, top + 52 + ROW * (row + 0.5))
        weight, is_bias = weights[place], place == len(columns)
        canvas.line([start, body], stroke=RED if weight >= 0 else BLUE, width=1 + 5 * abs(weight) / strongest)
        canvas.circle(start, 27)
        seen = "1" if is_bias else signed(working.inputs[place], 2)
        canvas.text((start[0], start[1] + 5), seen, size=14, anchor="middle")
        name = _("bias") if is_bias else columns[place][:14]
        canvas.text((112, start[1] + (5 if is_bias else -3)), name, anchor="end", bold=True)
        if not is_bias:
            canvas.text((112, start[1] + 15), number(float(f"{working.raw[place]:.5g}")), fill=SOFT, anchor="end")
        at = (start[0] + 0.36 * (body[0] - start[0]), start[1] + 0.36 * (body[1] - start[1]))
        canvas.label((at[0], at[1] - 2), f"w = {signed(weight, 3)}", size=14)
        canvas.label((at[0], at[1] + 15), f"{_('gradient')} {signed(working.gradient[place], 3)}", size=11, fill=SOFT)
    if len(columns) > shown:
        canvas.text((16, top + 44), _("{shown} of {count} inputs", shown=shown, count=len(columns)), size=12, fill=SOFT)
    canvas.line([body, (560, middle)])
    canvas.line([(560, middle), (690, middle)])
    canvas.circle(body, 40, width=2)
    canvas.text((body[0], middle - 6), "Σ", size=20, anchor="middle")
    canvas.text((body[0], middle + 16), signed(working.sum, 3), size=15, anchor="middle", bold=True)
    _bend(canvas, (510, middle - 40), 90, 80, curve, working.sum, working.output)
    canvas.text((555, middle + 58), activation, size=13, fill=SOFT, anchor="middle")
    canvas.circle((685, middle), 40, width=2, fill=shade(working.answer))
    canvas.text((685, middle + 6), fixed(working.output, 2), size=19, anchor="middle", bold=True)
    canvas.text((685, middle - 50), _("output"), size=13, fill=SOFT, anchor="middle")
    under = middle + 60
    if abs(working.answer - working.output) > 1e-9:
        canvas.text((685, under), _("answer {answer}", answer=fixed(working.answer, 2)), size=13, anchor="middle")
        under += 18
    canvas.text((685, under), _("error {error}", error=fixed(working.error, 3)), size=14, anchor="middle", bold=True)


def _bend(
    canvas: Canvas, at: Point, width: Number, height: Number, curve: Callable[[float], float], sum: float, output: float
) -> None:
    """Draw the activation as a small curve, with the point where the neuron is."""
    canvas.box(at, width, height, round=6)
    reach = max(4.0, 1.2 * abs(sum))
    sums = np.linspace(-reach, reach, 61)
    heights = [curve(float(value)) for value in sums]
    low, high = min(*heights, 0.0), max(*heights, 1.0)
    axes = Axes(canvas, (at[0] + 6, at[1] + 8, width - 12, height - 16), (-reach, reach), (low, high))
    axes.line([(-reach, 0), (reach, 0)], stroke=RULE, width=1)
    axes.line([(0, low), (0, high)], stroke=RULE, width=1)
    axes.line(list(zip(sums.tolist(), heights)), stroke=INK, width=2)
    canvas.circle(axes.point(sum, output), 5, fill=RED, stroke="none")


def decision_line(
    columns: Sequence[str],
    classes: Sequence[str],
    points: Float[np.ndarray, "points 2"],
    labels: Int64[np.ndarray, " points"],
    right: Bool[np.ndarray, " points"],
    plane: tuple[float, float, float],
    answer: Callable[[Float[np.ndarray, " sums"]], Float[np.ndarray, " sums"]],
    middle: float,
) -> str:
    """Draw the samples of two columns, the answers as shades behind them, and the line where the neuron is undecided.

    `plane` is (a, b, c): the sum is a x + b y + c in the columns' own units; `middle` is the undecided sum.
    """
    canvas = Canvas(560, 440)
    spans = [(float(low), float(high)) for low, high in zip(points.min(0), points.max(0))]
    (x0, x1), (y0, y1) = ((low - 0.06 * (high - low or 1), high + 0.06 * (high - low or 1)) for low, high in spans)
    axes = Axes(canvas, (66, 44, 474, 340), (x0, x1), (y0, y1))
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    sums = [plane[0] * x + plane[1] * y + plane[2] for x, y in corners]
    scale = np.linspace(min(sums), max(sums) + 1e-9, 600)
    # A larger sum never means a smaller answer, so each shade is a strip, and lies over those before it.
    bands = np.clip(np.floor(answer(scale) * BANDS), 0, BANDS - 1).astype(int)
    for first in [0, *(np.flatnonzero(np.diff(bands)) + 1)]:
        area = _above(corners, plane, float(scale[first]) if first else -np.inf)
        canvas.polygon([axes.point(*corner) for corner in area], shade((bands[first] + 0.5) / BANDS, pale=0.45))
    cut = _above(corners, plane, middle)
    edge = [corner for corner in cut if math.isclose(_value(plane, corner), middle, abs_tol=1e-6)]
    for point, label, is_right in zip(points, labels, right):
        ring, width = ("#ffffff", 0.7) if is_right else (INK, 1.8)
        canvas.circle(axes.point(*map(float, point)), 3.6, fill=(BLUE, RED)[label], stroke=ring, width=width)
    if len(edge) >= 2:
        axes.line(edge[:2], stroke=INK, width=2.5)
    axes.draw(columns[0], columns[1])
    for place, name in enumerate(classes):
        at = (250.0 + 150 * place, 26.0)
        canvas.circle((at[0], at[1] - 4), 5, fill=(BLUE, RED)[place], stroke="#ffffff")
        canvas.text((at[0] + 10, at[1]), f"{name[:14]} ({place})", size=13)
    return canvas.svg()


def _value(plane: tuple[float, float, float], point: Point) -> float:
    return plane[0] * point[0] + plane[1] * point[1] + plane[2]


def _above(corners: Sequence[Point], plane: tuple[float, float, float], least: float) -> list[Point]:
    """Cut an area to where the sum is at least so much (Sutherland & Hodgman 1974)."""
    kept: list[Point] = []
    for here, there in zip(corners, [*corners[1:], corners[0]]):
        low, high = _value(plane, here) - least, _value(plane, there) - least
        if low >= 0:
            kept.append(here)
        if (low >= 0) != (high >= 0):
            share = low / (low - high)
            kept.append((here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])))
    return kept


def shade(answer: float, pale: float = 0.6) -> str:
    """Return the color of an answer: blue for 0, white for a half, red for 1; `pale` of 0 to 1 thins it."""
    value = (min(max(answer, 0.0), 1.0) * 2 - 1) * (1 - pale)
    red, green, blue = color_diverging(np.array([[value]]))[0, 0]
    return f"#{red:02x}{green:02x}{blue:02x}"
