"""A confusion matrix, as an SVG drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Integer, UInt8

from axone.figures.canvas import INK, PAPER, SOFT, Canvas, Point
from axone.figures.tiles import printable
from axone.messages import _
from axone.numbers import format_number, format_percent

MOST_NUMBERS = 30  # classes of a matrix whose cells hold numbers
MOST_NAMES = 60  # on each side
LONGEST_NAME = 18  # characters
LETTER = 0.58  # the width of an average letter, compared with the size of the font
# From white to dark blue, in even steps of lightness: Brewer's Blues.
_BLUES = np.array(
    [(247, 251, 255), (222, 235, 247), (198, 219, 239), (158, 202, 225), (107, 174, 214), (66, 146, 198),
     (33, 113, 181), (8, 81, 156), (8, 48, 107)], dtype=np.float64,
)  # fmt: skip


def draw_confusion(counts: Integer[np.ndarray, "true predicted"], classes: Sequence[str]) -> str:
    """Draw a confusion matrix: a row per true class, colors for the share of the row, numbers for the counts."""
    count = len(classes)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    cell = 56 if count <= 12 else 38 if count <= MOST_NUMBERS else max(1, 1000 // count)
    side = cell * count
    every = math.ceil(count / MOST_NAMES)
    names = {place: _shorten(name) for place, name in enumerate(classes) if place % every == 0}
    size = 13 if count <= 12 else 11 if count <= MOST_NUMBERS else 9
    longest = max(len(name) for name in names.values()) * LETTER * size
    turned = longest > cell - 4
    left, top, below = 44 + longest, 14, 36 + (0.66 * longest + size if turned else size)
    canvas = Canvas(left + side + 108, max(top + side + below, 230))
    # On a scale of square roots the few mistakes of a good classifier are visible.
    colors = _color(np.sqrt(shares))
    canvas.image((left, top), side, side, colors.repeat(cell, axis=0).repeat(cell, axis=1))
    if count <= MOST_NUMBERS:
        _draw_numbers(canvas, (left, top), cell, counts, shares)
    for place, name in names.items():
        middle = cell * (place + 0.5)
        canvas.text((left - 8, top + middle + size / 3), name, size=size, anchor="end")
        if turned:
            canvas.text((left + middle + size / 3, top + side + size + 2), name, size=size, anchor="end", turn=-40)
        else:
            canvas.text((left + middle, top + side + size + 5), name, size=size, anchor="middle")
    canvas.text((left + side / 2, top + side + below - 10), _("predicted class"), fill=SOFT, anchor="middle")
    canvas.text((20, top + side / 2), _("true class"), fill=SOFT, anchor="middle", turn=-90)
    _draw_scale(canvas, (left + side + 22, top), max(side, 180))
    return canvas.svg()


def _draw_numbers(
    canvas: Canvas,
    corner: Point,
    cell: int,
    counts: Integer[np.ndarray, "true predicted"],
    shares: Float[np.ndarray, "true predicted"],
) -> None:
    """Draw white lines between the cells, and the count of each cell that is not 0."""
    left, top = corner
    side = cell * len(counts)
    for place in range(1, len(counts)):
        canvas.line([(left + place * cell, top), (left + place * cell, top + side)], stroke=PAPER)
        canvas.line([(left, top + place * cell), (left + side, top + place * cell)], stroke=PAPER)
    for row, column in np.argwhere(counts > 0):
        text = format_number(int(counts[row, column]))
        size = min(13 if cell > 40 else 11, (cell - 4) / (LETTER * len(text)))
        at = (left + cell * (column + 0.5), top + cell * (row + 0.5) + size / 3)
        canvas.text(at, text, size=size, fill=PAPER if shares[row, column] > 0.3 else INK, anchor="middle")


def _draw_scale(canvas: Canvas, corner: Point, height: int) -> None:
    """Draw the colors of the shares from 0 to 100 %."""
    left, top = corner
    gradient = _color(np.linspace(1, 0, height)[:, None]).repeat(14, axis=1)
    canvas.image((left, top), 14, height, gradient)
    for share in (0, 0.01, 0.05, 0.2, 0.5, 1):
        y = top + height * (1 - math.sqrt(share))
        canvas.text((left + 19, y + 4), format_percent(share, 0), size=11, fill=SOFT)
    canvas.text((left + 74, top + height / 2), _("share of the true class"), fill=SOFT, anchor="middle", turn=-90)


def _color(values: Float[np.ndarray, "height width"]) -> UInt8[np.ndarray, "height width 3"]:
    """Map values from 0 to 1 to colors."""
    places = np.linspace(0, 1, len(_BLUES))
    channels = [np.interp(values, places, _BLUES[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def _shorten(text: str) -> str:
    text = printable(text).replace("\n", " ")
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"
