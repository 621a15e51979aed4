"""Drawings of a neuron: its diagram with the numbers of a sample, and its decision line. Each is SVG text.

Weights belong to standardized columns; axes show the columns in their own units.
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
from axone.numbers import Number, format_number
from axone.tasks.neuron.step_text import fixed, signed

MAX_INPUTS = 4  # inputs that are drawn
BANDS = 20  # shades of the answers in the plane of a decision line
WIDTH, ROW = 760, 74  # pixels

Plane = tuple[float, float, float]  # (a, b, c): the sum is a x + b y + c in the units of the columns


@dataclass(frozen=True)
class SampleNumbers:
    """The numbers inside one neuron for one sample."""

    name: str  # for example: child (age 9, weight 30.4)
    raw: Sequence[float]  # the inputs in their own units
    inputs: Sequence[float]  # standardized
    sum: float
    output: float
    answer: float  # the output on a scale from 0 to 1
    target: int
    error: float
    gradient: Sequence[float]  # of the error with respect to each weight and, last, the bias


def neuron_diagram(
    columns: Sequence[str],
    weights: Sequence[float],
    bias: float,
    activation: str,
    function: Callable[[float], float],
    samples: Sequence[SampleNumbers],
) -> str:
    """Draw the neuron once for each sample: inputs, weights and gradients, sum, activation, output, error.

    Args:
        columns: Names of the inputs.
        weights: One weight for each input.
        bias: The bias.
        activation: The name of the activation function.
        function: The activation function.
        samples: The numbers of each sample.
    """
    rows = min(len(columns), MAX_INPUTS) + 1
    height = 60 + ROW * rows
    canvas = Canvas(WIDTH, height * len(samples) + 4)
    for k, sample in enumerate(samples):
        _draw_sample(canvas, k * height, columns, [*weights, bias], activation, function, sample)
        if k:
            canvas.line([(12, k * height), (WIDTH - 12, k * height)], stroke=RULE, width=1)
    return canvas.svg()


def _draw_sample(
    canvas: Canvas,
    top: Number,
    columns: Sequence[str],
    weights: Sequence[float],
    activation: str,
    function: Callable[[float], float],
    sample: SampleNumbers,
) -> None:
    drawn = min(len(columns), MAX_INPUTS)
    indices = [*range(drawn), len(columns)]  # of the weights; the last one is the bias
    largest = max(0.5, *(abs(weights[index]) for index in indices))
    middle = top + 52 + ROW * len(indices) / 2
    body = (430.0, middle)
    title = _("{name}: target {target}", name=sample.name, target=sample.target)
    canvas.text((16, top + 26), title, size=15, bold=True)
    for row, index in enumerate(indices):
        start = (150.0, top + 52 + ROW * (row + 0.5))
        weight, is_bias = weights[index], index == len(columns)
        canvas.line([start, body], stroke=RED if weight >= 0 else BLUE, width=1 + 5 * abs(weight) / largest)
        canvas.circle(start, 27)
        value = "1" if is_bias else signed(sample.inputs[index], 2)
        canvas.text((start[0], start[1] + 5), value, size=14, anchor="middle")
        name = _("bias") if is_bias else columns[index][:14]
        canvas.text((112, start[1] + (5 if is_bias else -3)), name, anchor="end", bold=True)
        if not is_bias:
            canvas.text((112, start[1] + 15), format_number(float(f"{sample.raw[index]:.5g}")), fill=SOFT, anchor="end")
        at = (start[0] + 0.36 * (body[0] - start[0]), start[1] + 0.36 * (body[1] - start[1]))
        canvas.label((at[0], at[1] - 2), f"w = {signed(weight, 3)}", size=14)
        canvas.label((at[0], at[1] + 15), f"{_('gradient')} {signed(sample.gradient[index], 3)}", size=11, fill=SOFT)
    if len(columns) > drawn:
        text = _("{shown} of {count} inputs", shown=drawn, count=len(columns))
        canvas.text((16, top + 44), text, size=12, fill=SOFT)
    canvas.line([body, (560, middle)])
    canvas.line([(560, middle), (690, middle)])
    canvas.circle(body, 40, width=2)
    canvas.text((body[0], middle - 6), "Σ", size=20, anchor="middle")
    canvas.text((body[0], middle + 16), signed(sample.sum, 3), size=15, anchor="middle", bold=True)
    _draw_activation(canvas, (510, middle - 40), 90, 80, function, sample.sum, sample.output)
    canvas.text((555, middle + 58), activation, size=13, fill=SOFT, anchor="middle")
    canvas.circle((685, middle), 40, width=2, fill=answer_color(sample.answer))
    canvas.text((685, middle + 6), fixed(sample.output, 2), size=19, anchor="middle", bold=True)
    canvas.text((685, middle - 50), _("output"), size=13, fill=SOFT, anchor="middle")
    below = middle + 60
    if abs(sample.answer - sample.output) > 1e-9:
        canvas.text((685, below), _("answer {answer}", answer=fixed(sample.answer, 2)), size=13, anchor="middle")
        below += 18
    canvas.text((685, below), _("error {error}", error=fixed(sample.error, 3)), size=14, anchor="middle", bold=True)


def _draw_activation(
    canvas: Canvas, at: Point, width: Number, height: Number, function: Callable[[float], float], total: float,
    output: float,
) -> None:  # fmt: skip
    """Draw the graph of the activation function, with a dot at the neuron's sum and output."""
    canvas.box(at, width, height, round=6)
    limit = max(4.0, 1.2 * abs(total))
    sums = np.linspace(-limit, limit, 61)
    outputs = [function(float(value)) for value in sums]
    low, high = min(*outputs, 0.0), max(*outputs, 1.0)
    axes = Axes(canvas, (at[0] + 6, at[1] + 8, width - 12, height - 16), (-limit, limit), (low, high))
    axes.line([(-limit, 0), (limit, 0)], stroke=RULE, width=1)
    axes.line([(0, low), (0, high)], stroke=RULE, width=1)
    axes.line(list(zip(sums.tolist(), outputs)), stroke=INK, width=2)
    canvas.circle(axes.point(total, output), 5, fill=RED, stroke="none")


def decision_line(
    columns: Sequence[str],
    classes: Sequence[str],
    points: Float[np.ndarray, "points 2"],
    labels: Int64[np.ndarray, " points"],
    is_correct: Bool[np.ndarray, " points"],
    plane: Plane,
    answer: Callable[[Float[np.ndarray, " sums"]], Float[np.ndarray, " sums"]],
    undecided: float,
) -> str:
    """Draw the samples of two columns, the answers as shades, and the line on which the answer is one half.

    Args:
        columns: Names of the two columns.
        classes: Names of the two classes.
        points: The samples in the units of the columns.
        labels: The class index of each sample.
        is_correct: Whether the prediction for each sample is correct.
        plane: The sum as a function of the two columns.
        answer: Returns the answers for sums; it must not decrease.
        undecided: The sum for which the answer is one half.
    """
    canvas = Canvas(560, 440)
    limits = [(float(low), float(high)) for low, high in zip(points.min(0), points.max(0))]
    (x0, x1), (y0, y1) = ((low - 0.06 * (high - low or 1), high + 0.06 * (high - low or 1)) for low, high in limits)
    axes = Axes(canvas, (66, 44, 474, 340), (x0, x1), (y0, y1))
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    sums = [_evaluate(plane, corner) for corner in corners]
    scale = np.linspace(min(sums), max(sums) + 1e-9, 600)
    # The answer never decreases with the sum, so each shade covers a half plane and is drawn over those before it.
    bands = np.clip(np.floor(answer(scale) * BANDS), 0, BANDS - 1).astype(int)
    for first in [0, *(np.flatnonzero(np.diff(bands)) + 1)]:
        area = _clip(corners, plane, float(scale[first]) if first else -np.inf)
        color = answer_color((bands[first] + 0.5) / BANDS, paleness=0.45)
        canvas.polygon([axes.point(*corner) for corner in area], color)
    clipped = _clip(corners, plane, undecided)
    edge = [corner for corner in clipped if math.isclose(_evaluate(plane, corner), undecided, abs_tol=1e-6)]
    for point, label, correct in zip(points, labels, is_correct):
        stroke, width = ("#ffffff", 0.7) if correct else (INK, 1.8)
        canvas.circle(axes.point(*map(float, point)), 3.6, fill=(BLUE, RED)[label], stroke=stroke, width=width)
    if len(edge) >= 2:
        axes.line(edge[:2], stroke=INK, width=2.5)
    axes.draw(columns[0], columns[1])
    for k, name in enumerate(classes):
        at = (250.0 + 150 * k, 26.0)
        canvas.circle((at[0], at[1] - 4), 5, fill=(BLUE, RED)[k], stroke="#ffffff")
        canvas.text((at[0] + 10, at[1]), f"{name[:14]} ({k})", size=13)
    return canvas.svg()


def _evaluate(plane: Plane, point: Point) -> float:
    return plane[0] * point[0] + plane[1] * point[1] + plane[2]


def _clip(corners: Sequence[Point], plane: Plane, least: float) -> list[Point]:
    """Clip a polygon to the half plane in which the sum is at least `least` (Sutherland & Hodgman 1974)."""
    clipped: list[Point] = []
    for start, end in zip(corners, [*corners[1:], corners[0]]):
        low, high = _evaluate(plane, start) - least, _evaluate(plane, end) - least
        if low >= 0:
            clipped.append(start)
        if (low >= 0) != (high >= 0):
            fraction = low / (low - high)
            clipped.append((start[0] + fraction * (end[0] - start[0]), start[1] + fraction * (end[1] - start[1])))
    return clipped


def answer_color(answer: float, paleness: float = 0.6) -> str:
    """Return the color of an answer: blue for 0, white for one half, red for 1; `paleness` is from 0 to 1."""
    value = (min(max(answer, 0.0), 1.0) * 2 - 1) * (1 - paleness)
    red, green, blue = color_diverging(np.array([[value]]))[0, 0]
    return f"#{red:02x}{green:02x}{blue:02x}"
