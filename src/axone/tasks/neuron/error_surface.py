"""Charts of gradient descent: the error surface with the path of two weights, and error and weights at each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from axone.figures.canvas import BLUE, RED, SOFT, Axes, Canvas
from axone.messages import _
from axone.numbers import Number
from axone.tasks.neuron.step_text import fixed

SIDE = 72  # grid points of the error surface in each direction
LEVELS = 18  # shades of the error surface; their borders are contour lines
WIDTH = 760
LEGEND = 24  # characters of a name in the legend

# From a low error (pale) to a high one, with evenly decreasing lightness (Brewer's YlGnBu).
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
    """Draw the error as a function of two weights, pale where it is low, and the path of the weights.

    Args:
        columns: Names of the two columns.
        path: The two weights at each step.
        epochs: The steps at which an epoch began.
        error: Returns the mean error for pairs of weights.
    """
    x, y = _window(path)
    grid = torch.meshgrid(torch.linspace(*x, SIDE), torch.linspace(*y, SIDE), indexing="xy")
    pairs = torch.stack(grid, -1).reshape(-1, 2)
    heights = error(pairs).reshape(SIDE, SIDE).flip(0).double().numpy()  # the first row is the top
    low, high = float(heights.min()), float(heights.max())
    # With the square root, most shades are near the minimum, where the path ends.
    levels = np.sqrt((heights - low) / (high - low or 1.0))
    canvas = Canvas(620, 460)
    box = (66.0, 44.0, 390.0, 360.0)
    canvas.image(box[:2], box[2], box[3], sequential(_upsample(levels, 4)))
    axes = Axes(canvas, box, x, y)
    points = [(float(first), float(second)) for first, second in path]
    axes.line(points, stroke="#ffffff", width=4.5)
    axes.line(points, stroke=RED, width=2)
    for step in epochs:
        canvas.circle(axes.point(*map(float, path[step])), 2.8, fill=RED, stroke="#ffffff", width=0.8)
    canvas.circle(axes.point(*map(float, path[0])), 6, stroke=RED, width=2.5)
    canvas.circle(axes.point(*map(float, path[-1])), 6, fill=RED, stroke="#ffffff", width=1.5)
    axes.draw(f"w ({columns[0]})", f"w ({columns[1]})")
    _draw_color_bar(canvas, (486, box[1], 18, box[3]), low, high)
    return canvas.svg()


def _window(path: Float[np.ndarray, "steps 2"]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the limits of a square around a path. They are round numbers, and rarely change as the path grows."""
    low, high = path.min(0), path.max(0)
    half = next(half for k in range(-2, 60) for half in (2.0**k, 1.5 * 2.0**k) if half >= 0.62 * (high - low).max())
    half = max(half, 1.5)
    middle = np.round((low + high) / 2 / (half / 3)) * (half / 3)
    return (float(middle[0] - half), float(middle[0] + half)), (float(middle[1] - half), float(middle[1] + half))


def _upsample(values: Float[np.ndarray, "side side"], factor: int) -> Float[np.ndarray, "pixels pixels"]:
    """Interpolate a square grid, so that contour lines are smooth."""
    square = torch.from_numpy(values)[None, None]
    larger = torch.nn.functional.interpolate(square, scale_factor=factor, mode="bicubic", align_corners=True)
    return larger[0, 0].clamp(0, 1).numpy()


def _draw_color_bar(canvas: Canvas, box: tuple[Number, Number, Number, Number], low: float, high: float) -> None:
    left, top, width, height = box
    canvas.image((left, top), width, height, sequential(np.linspace(1, 0, 180)[:, None].repeat(4, 1)))
    canvas.box((left, top), width, height, fill="none", stroke=SOFT)
    canvas.text((left - 2, top - 10), _("error"), size=13)
    for level in (0, 0.25, 0.5, 0.75, 1.0):
        value = low + (high - low) * level**2
        canvas.text((left + width + 8, top + height * (1 - level) + 4), fixed(value, 2), size=12, fill=SOFT)


def sequential(levels: Float[np.ndarray, "rows columns"]) -> UInt8[np.ndarray, "rows columns 3"]:
    """Return the colors of levels from 0 to 1, in a few discrete shades."""
    shades = (np.floor(levels * LEVELS).clip(0, LEVELS - 1) + 0.5) / LEVELS
    positions = np.linspace(0, 1, len(_SEQUENTIAL))
    channels = [np.interp(shades, positions, _SEQUENTIAL[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def step_chart(
    columns: Sequence[str], errors: Float[np.ndarray, " steps"], weights: Float[np.ndarray, "steps weights"], size: int
) -> str:
    """Draw the error of each step and its mean over each epoch, and the weights.

    Args:
        columns: Names of the columns.
        errors: The mean error of the batch at each step.
        weights: The weights and, last, the bias at each step; without columns, only the error is drawn.
        size: Steps of an epoch.
    """
    legend = ((_("each step"), "#9dbbe0"), (_("mean of an epoch"), BLUE))
    names = [name if len(name) <= LEGEND else name[: LEGEND - 1] + "…" for name in [*columns, _("bias")]]
    longest = max(len(name) for name in [*names, *(name for name, _stroke in legend)])
    canvas = Canvas(max(WIDTH, 672 + 7.2 * longest), 470 if weights.size else 250)  # the legend is on the right
    count = len(errors)
    top = Axes(canvas, (64, 34, 560, 170), (1, max(count, 2)), (0, float(errors.max(initial=0.0)) * 1.05 or 1.0))
    top.draw("" if weights.size else _("step"), _("error"), grid=True)
    top.line([(step + 1, float(value)) for step, value in enumerate(errors)], stroke="#9dbbe0", width=1)
    means = [(min(first + size, count), float(errors[first : first + size].mean())) for first in range(0, count, size)]
    if len(means) > 1:
        top.line(means, stroke=BLUE, width=2.5)
    for k, (name, stroke) in enumerate(legend):
        canvas.line([(640, 50 + 20 * k), (658, 50 + 20 * k)], stroke=stroke, width=2.5)
        canvas.text((664, 54 + 20 * k), name, size=12)
    if weights.size:
        low, high = float(weights.min()), float(weights.max())
        margin = 0.06 * (high - low or 1.0)
        below = Axes(canvas, (64, 252, 560, 170), (1, max(count, 2)), (low - margin, high + margin))
        below.draw(_("step"), _("weights"), grid=True)
        strokes = (RED, BLUE, "#1b7837", "#762a83", "#b35806")
        for k, name in enumerate(names):
            stroke = SOFT if k == len(columns) else strokes[k % len(strokes)]
            below.line([(step + 1, float(v)) for step, v in enumerate(weights[:, k])], stroke=stroke, width=2)
            if k < 8:
                canvas.line([(640, 268 + 20 * k), (658, 268 + 20 * k)], stroke=stroke, width=2.5)
                canvas.text((664, 272 + 20 * k), name, size=12)
    return canvas.svg()
