"""Drawings of a latent space: the map of its points, pictures decoded from its places, and the spread of errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int64, UInt8
from PIL import Image

from axone.figures.canvas import RED, Axes, Canvas
from axone.messages import _
from axone.numbers import number
from axone.tasks.tables.charts import COLORS

SIDE = 420.0  # of the map
MOST_POINTS = 3000
MOST_NAMES = 20  # classes that get a line in a legend
WIDEST = 1400  # pixels of a sheet of tiles
SMALLEST = 56  # pixels of a tile, where that fits
BINS = 50

Names = Sequence[str]
Group = tuple[str, np.ndarray]  # a name, and the errors of its examples: (errors,)


def latent_map(
    points: Float[np.ndarray, "points 2"], labels: Int64[np.ndarray, " points"], classes: Names, axes: tuple[str, str]
) -> str:
    """Draw points, at most 3,000, each in the color of its class, or all in one where there are no classes."""
    chosen = slice(None, None, -(-len(points) // MOST_POINTS))
    points, labels = points[chosen], labels[chosen]
    named = list(classes[:MOST_NAMES])
    legend = 30 + 7.2 * max((len(name[:24]) for name in named), default=0) if named else 0
    canvas = Canvas(SIDE + 100 + legend, SIDE + 90)
    spans = [_span(points[:, 0]), _span(points[:, 1])]
    board = Axes(canvas, (64, 34, SIDE, SIDE), *spans)
    board.draw(*axes)
    for (x, y), label in zip(points.tolist(), labels.tolist()):
        color = COLORS[label % len(COLORS) if classes else 0]
        canvas.circle(board.point(x, y), 2.4, fill=color, stroke="none", opacity=0.7)
    for place, name in enumerate(named):
        top = 46 + 19 * place
        canvas.circle((SIDE + 88, top - 4), 5, fill=COLORS[place % len(COLORS)], stroke="none")
        canvas.text((SIDE + 100, top), name[:24], size=12)
    return canvas.svg()


def histogram(groups: Sequence[Group], threshold: float) -> str:
    """Draw how often errors of each size are, group by group (its share in each bin), and where the threshold lies."""
    everything = np.concatenate([errors for _name, errors in groups])
    high = max(float(np.quantile(everything, 0.995)), 1.3 * threshold, 1e-12)
    edges = np.linspace(0, high, BINS + 1)
    shares = [np.histogram(errors.clip(0, high), edges)[0] / max(1, len(errors)) for _name, errors in groups]
    tallest = max(float(share.max()) for share in shares)
    canvas = Canvas(600, 330 + 18 * len(groups))
    board = Axes(canvas, (64, 34, 500, 230), (0.0, high), (0.0, 1.08 * tallest))
    for place, (color, share) in enumerate(zip(COLORS, shares)):
        for low, up, height in zip(
            edges, edges[1:], share.tolist() if place == 0 else ()
        ):  # the others are lines over it
            corners = [board.point(low, 0), board.point(low, height), board.point(up, height), board.point(up, 0)]
            canvas.polygon(corners, _paler(color))
        outline = [(x, y) for low, up, y in zip(edges, edges[1:], share.tolist()) for x in (low, up) for y in (y,)]
        board.line(outline, stroke=color, width=1.5)
    board.draw(_("error"), _("share of the examples"))
    if threshold:
        board.line([(threshold, 0), (threshold, 1.08 * tallest)], stroke=RED, width=1.5, dash="5 4")
        canvas.text((board.point(threshold, 0)[0] + 5, 50), number(threshold), size=12, fill=RED)
    for place, (name, errors) in enumerate(groups):
        top = 324 + 18 * place
        canvas.box((64, top - 10), 12, 12, fill=COLORS[place], stroke="none")
        canvas.text((84, top), f"{name} ({number(len(errors))})", size=12)
    return canvas.svg()


def tiles(pictures: UInt8[np.ndarray, "rows columns height width channels"], gap: int = 1) -> Image.Image:
    """Lay rows of pictures close together; small ones are enlarged without blur, a wide sheet is made smaller."""
    rows, columns, height, width, channels = pictures.shape
    framed = np.full((rows, columns, height + gap, width + gap, channels), 255, dtype=np.uint8)
    framed[:, :, gap:, gap:] = pictures
    sheet = framed.transpose(0, 2, 1, 3, 4).reshape(rows * (height + gap), columns * (width + gap), channels)
    image = Image.fromarray(sheet.repeat(3, 2) if channels == 1 else sheet[..., :3])
    scale = max(1, min(WIDEST // image.width, -(-SMALLEST // width)))
    if scale > 1:
        return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
    if image.width > WIDEST:
        return image.resize((WIDEST, round(image.height * WIDEST / image.width)), Image.Resampling.LANCZOS)
    return image


def _span(values: Float[np.ndarray, " points"]) -> tuple[float, float]:
    """Return the numbers at the edges of an axis, with room around the points."""
    low, high = float(values.min()), float(values.max())
    room = 0.04 * (high - low) or 0.5
    return low - room, high + room


def _paler(color: str) -> str:
    parts = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - 0.35 * (255 - part)):02x}" for part in parts)
