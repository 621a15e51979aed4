"""Charts of a latent space: the map of its points, sheets of decoded images, and the distribution of errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int64, UInt8
from PIL import Image

from axone.figures.canvas import RED, Axes, Canvas
from axone.messages import _
from axone.numbers import format_number
from axone.tasks.tables.charts import COLORS

MAP_SIZE = 420.0  # of each side of the map
MAX_POINTS = 3000
MAX_LEGEND = 20  # classes that get a line in the legend
MAX_SHEET_WIDTH = 1400  # pixels
MIN_TILE_WIDTH = 56  # pixels; smaller images are enlarged where that fits
BINS = 50

Classes = Sequence[str]
Group = tuple[str, Float[np.ndarray, " _"]]  # a name, and the errors of its examples, as many as there are


def latent_map(
    points: Float[np.ndarray, "points 2"], labels: Int64[np.ndarray, " points"], classes: Classes, axes: tuple[str, str]
) -> str:
    """Draw points, at most 3,000, each in the color of its class, or all in one color without classes."""
    chosen = slice(None, None, -(-len(points) // MAX_POINTS))
    points, labels = points[chosen], labels[chosen]
    named = list(classes[:MAX_LEGEND])
    legend_width = 30 + 7.2 * max((len(name[:24]) for name in named), default=0) if named else 0
    canvas = Canvas(MAP_SIZE + 100 + legend_width, MAP_SIZE + 90)
    plot = Axes(canvas, (64, 34, MAP_SIZE, MAP_SIZE), _limits(points[:, 0]), _limits(points[:, 1]))
    plot.draw(*axes)
    for (x, y), label in zip(points.tolist(), labels.tolist()):
        color = COLORS[label % len(COLORS) if classes else 0]
        canvas.circle(plot.point(x, y), 2.4, fill=color, stroke="none", opacity=0.7)
    for line, name in enumerate(named):
        top = 46 + 19 * line
        canvas.circle((MAP_SIZE + 88, top - 4), 5, fill=COLORS[line % len(COLORS)], stroke="none")
        canvas.text((MAP_SIZE + 100, top), name[:24], size=12)
    return canvas.svg()


def histogram(groups: Sequence[Group], threshold: float) -> str:
    """Draw the distribution of errors of each group, as shares of its examples, and the threshold (0: none)."""
    errors = np.concatenate([group_errors for _name, group_errors in groups])
    high = max(float(np.quantile(errors, 0.995)), 1.3 * threshold, 1e-12)
    edges = np.linspace(0, high, BINS + 1)
    shares = [np.histogram(each.clip(0, high), edges)[0] / max(1, len(each)) for _name, each in groups]
    tallest = max(float(share.max()) for share in shares)
    canvas = Canvas(600, 330 + 18 * len(groups))
    plot = Axes(canvas, (64, 34, 500, 230), (0.0, high), (0.0, 1.08 * tallest))
    # The first group is drawn as bars, the others as outlines over them.
    for left, right, height in zip(edges, edges[1:], shares[0].tolist()):
        corners = [plot.point(left, 0), plot.point(left, height), plot.point(right, height), plot.point(right, 0)]
        canvas.polygon(corners, _lighten(COLORS[0]))
    for color, share in zip(COLORS, shares):
        outline = [(x, y) for left, right, y in zip(edges, edges[1:], share.tolist()) for x in (left, right)]
        plot.line(outline, stroke=color, width=1.5)
    plot.draw(_("anomaly score"), _("share of the examples"))
    if threshold:
        plot.line([(threshold, 0), (threshold, 1.08 * tallest)], stroke=RED, width=1.5, dash="5 4")
        canvas.text((plot.point(threshold, 0)[0] + 5, 50), format_number(threshold), size=12, fill=RED)
    for line, (name, each) in enumerate(groups):
        top = 324 + 18 * line
        canvas.box((64, top - 10), 12, 12, fill=COLORS[line], stroke="none")
        canvas.text((84, top), f"{name} ({format_number(len(each))})", size=12)
    return canvas.svg()


def image_grid(images: UInt8[np.ndarray, "rows columns height width channels"], gap: int = 1) -> Image.Image:
    """Draw images in rows and columns, `gap` pixels apart.

    Small images are enlarged by a whole factor, without blur; a sheet that is too wide is reduced.
    """
    rows, columns, height, width, channels = images.shape
    framed = np.full((rows, columns, height + gap, width + gap, channels), 255, dtype=np.uint8)
    framed[:, :, gap:, gap:] = images
    pixels = framed.transpose(0, 2, 1, 3, 4).reshape(rows * (height + gap), columns * (width + gap), channels)
    sheet = Image.fromarray(pixels.repeat(3, 2) if channels == 1 else pixels[..., :3])
    scale = max(1, min(MAX_SHEET_WIDTH // sheet.width, -(-MIN_TILE_WIDTH // width)))
    if scale > 1:
        return sheet.resize((sheet.width * scale, sheet.height * scale), Image.Resampling.NEAREST)
    if sheet.width > MAX_SHEET_WIDTH:
        reduced_height = round(sheet.height * MAX_SHEET_WIDTH / sheet.width)
        return sheet.resize((MAX_SHEET_WIDTH, reduced_height), Image.Resampling.LANCZOS)
    return sheet


def _limits(values: Float[np.ndarray, " points"]) -> tuple[float, float]:
    """Return the limits of an axis: those of the values, with a margin."""
    low, high = float(values.min()), float(values.max())
    margin = 0.04 * (high - low) or 0.5
    return low - margin, high + margin


def _lighten(color: str) -> str:
    parts = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 - 0.35 * (255 - part)):02x}" for part in parts)
