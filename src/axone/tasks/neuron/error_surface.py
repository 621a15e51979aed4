"""The way of a neuron's weights: the error surface with the path down it, and error and weights at each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.figures.canvas import BLUE, RED, SOFT, Axes, Canvas
from axone.messages import _
from axone.numbers import Number
from axone.tasks.neuron.trace import fixed

SIDE = 72  # points of the error surface in each direction
LEVELS = 18  # shades of the error surface: their borders are its contour lines
WIDTH = 760

# From a low error (pale) to a high one: the lightness falls evenly (Brewer's YlGnBu).
_SEQUENTIAL = np.array(
    [(255, 255, 217), (237, 248, 177), (199, 233, 180), (127, 205, 187), (65, 182, 196), (29, 145, 192), (34, 94, 168),
     (37, 52, 148), (8, 29, 88)], dtype=np.float64,
)  # fmt: skip


def error_surface(
    columns: Sequence[str],
    path: Float[np.ndarray, "steps 2"],
    epochs: Sequence[int],
    error: Callable[[Float[Tensor, "points 2"]], Float[Tensor, " points"]],
) -> str:
    """Draw the error over two weights, pale where it is low, and the way that the weights went.

    `error` gives the mean error at pairs of weights; `epochs` are the steps at which an epoch began.
    """
    across, up = _window(path)
    grid = torch.meshgrid(torch.linspace(*across, SIDE), torch.linspace(*up, SIDE), indexing="xy")
    pairs = torch.stack(grid, -1).reshape(-1, 2)
    heights = error(pairs).reshape(SIDE, SIDE).flip(0).double().numpy()  # the first row is the top
    low, high = float(heights.min()), float(heights.max())
    # The square root spreads the valley, where the way ends, over more shades than the slopes.
    shares = np.sqrt((heights - low) / (high - low or 1.0))
    canvas = Canvas(620, 460)
    box = (66.0, 44.0, 390.0, 360.0)
    canvas.image(box[:2], box[2], box[3], sequential(_enlarged(shares, 4)))
    axes = Axes(canvas, box, across, up)
    axes.line([(float(x), float(y)) for x, y in path], stroke="#ffffff", width=4.5)
    axes.line([(float(x), float(y)) for x, y in path], stroke=RED, width=2)
    for step in epochs:
        canvas.circle(axes.point(*map(float, path[step])), 2.8, fill=RED, stroke="#ffffff", width=0.8)
    canvas.circle(axes.point(*map(float, path[0])), 6, stroke=RED, width=2.5)
    canvas.circle(axes.point(*map(float, path[-1])), 6, fill=RED, stroke="#ffffff", width=1.5)
    axes.draw(f"w ({columns[0]})", f"w ({columns[1]})")
    _scale(canvas, (486, box[1], 18, box[3]), low, high)
    return canvas.svg()


def _window(path: Float[np.ndarray, "steps 2"]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Choose a square with round edges around a way, which grows in few jumps while the way gets longer."""
    low, high = path.min(0), path.max(0)
    half = next(half for k in range(-2, 60) for half in (2.0**k, 1.5 * 2.0**k) if half >= 0.62 * (high - low).max())
    half = max(half, 1.5)
    middle = np.round((low + high) / 2 / (half / 3)) * (half / 3)
    return (float(middle[0] - half), float(middle[0] + half)), (float(middle[1] - half), float(middle[1] + half))


def _enlarged(values: Float[np.ndarray, "side side"], times: int) -> Float[np.ndarray, "pixels pixels"]:
    """Fill in points between those of a square, evenly, so that contour lines are smooth."""
    square = torch.from_numpy(values)[None, None]
    larger = torch.nn.functional.interpolate(square, scale_factor=times, mode="bicubic", align_corners=True)
    return larger[0, 0].clamp(0, 1).numpy()


def _scale(canvas: Canvas, box: tuple[Number, Number, Number, Number], low: float, high: float) -> None:
    left, top, width, height = box
    canvas.image((left, top), width, height, sequential(np.linspace(1, 0, 180)[:, None].repeat(4, 1)))
    canvas.box((left, top), width, height, fill="none", stroke=SOFT)
    canvas.text((left - 2, top - 10), _("error"), size=13)
    for share in (0, 0.25, 0.5, 0.75, 1.0):
        value = low + (high - low) * share**2
        canvas.text((left + width + 8, top + height * (1 - share) + 4), fixed(value, 2), size=12, fill=SOFT)


def sequential(shares: Float[np.ndarray, "rows columns"]) -> np.ndarray:
    """Give each share of 0 to 1 its color, in a few steps: bytes (rows, columns, 3)."""
    steps = (np.floor(shares * LEVELS).clip(0, LEVELS - 1) + 0.5) / LEVELS
    places = np.linspace(0, 1, len(_SEQUENTIAL))
    channels = [np.interp(steps, places, _SEQUENTIAL[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def steps(
    columns: Sequence[str], errors: Float[np.ndarray, " steps"], weights: Float[np.ndarray, "steps weights"], size: int
) -> str:
    """Draw the error of each step with its mean over an epoch (`size` steps), and each weight (the last: the bias)."""
    canvas = Canvas(WIDTH, 470 if weights.size else 250)
    count = len(errors)
    top = Axes(canvas, (64, 34, 560, 170), (1, max(count, 2)), (0, float(errors.max(initial=0.0)) * 1.05 or 1.0))
    top.draw("" if weights.size else _("step"), _("error"), grid=True)
    top.line([(step + 1, float(value)) for step, value in enumerate(errors)], stroke="#9dbbe0", width=1)
    means = [(min(first + size, count), float(errors[first : first + size].mean())) for first in range(0, count, size)]
    if len(means) > 1:
        top.line(means, stroke=BLUE, width=2.5)
    for place, (name, stroke) in enumerate(((_("each step"), "#9dbbe0"), (_("epoch's mean"), BLUE))):
        canvas.line([(640, 50 + 20 * place), (658, 50 + 20 * place)], stroke=stroke, width=2.5)
        canvas.text((664, 54 + 20 * place), name, size=12)
    if weights.size:
        low, high = float(weights.min()), float(weights.max())
        margin = 0.06 * (high - low or 1.0)
        under = Axes(canvas, (64, 252, 560, 170), (1, max(count, 2)), (low - margin, high + margin))
        under.draw(_("step"), _("weights"), grid=True)
        strokes = (RED, BLUE, "#1b7837", "#762a83", "#b35806")
        for place, name in enumerate([*columns, _("bias")]):
            stroke = SOFT if place == len(columns) else strokes[place % len(strokes)]
            under.line([(step + 1, float(v)) for step, v in enumerate(weights[:, place])], stroke=stroke, width=2)
            if place < 8:
                canvas.line([(640, 268 + 20 * place), (658, 268 + 20 * place)], stroke=stroke, width=2.5)
                canvas.text((664, 272 + 20 * place), name[:12], size=12)
    return canvas.svg()
