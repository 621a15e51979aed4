"""Drawings of paths: what was observed, what followed, and what was predicted, with x and y at the same scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from axone.figures.canvas import BLUE, INK, RED, RULE, SOFT, Canvas
from axone.messages import _
from axone.numbers import format_number

SIDE, GAP, IN_A_ROW, HEAD = 200.0, 16.0, 3, 26.0  # pixels
WIDTH_OF_LEGEND = 420.0
SLENDER = 8  # times that paths may be longer than wide before their axes get scales of their own
THINNEST = 0.01  # of the longer axis: the least scale of the other, so that noise does not look like motion

Path = Float[np.ndarray, "steps 2"]


class DrawnPath(NamedTuple):
    """One thing: observed, true (None where unknown), predicted, and straight positions, and a title."""

    past: Path
    true: Path | None
    predicted: Path
    straight: Path
    title: str = ""


def draw_paths(paths: Sequence[DrawnPath]) -> str:
    """Return an SVG drawing with a panel for each path and one legend."""
    columns = min(IN_A_ROW, len(paths))
    rows = -(-len(paths) // columns)
    canvas = Canvas(max(WIDTH_OF_LEGEND, columns * (SIDE + GAP) + GAP), rows * (SIDE + HEAD + GAP) + 34)
    spans = [np.ptp(_join(path), axis=0) for path in paths]
    largest = np.max(spans, axis=0)
    # Roads are much longer than wide: where one scale would hide all motion across, each axis has its own.
    is_slender = largest.max() > SLENDER * largest.min()
    shared = np.maximum(largest, max(THINNEST * float(largest.max()), 1e-9))
    for number, (path, span) in enumerate(zip(paths, spans, strict=True)):
        left = GAP + number % columns * (SIDE + GAP)
        top = 8 + number // columns * (SIDE + HEAD + GAP)
        scale = shared if is_slender else np.full(2, max(float(span.max()), 1e-9))
        _draw_panel(canvas, left, top, path, scale)
    legend = [(_("observed"), SOFT, ""), (_("true"), INK, ""), (_("predicted"), BLUE, ""), (_("straight"), RED, "4 3")]
    x = GAP
    for name, color, dash in legend:
        canvas.line([(x, canvas.height - 14), (x + 22, canvas.height - 14)], stroke=color, width=2.5, dash=dash)
        canvas.text((x + 28, canvas.height - 10), name, size=12)
        x += 46 + 7.2 * len(name)
    return canvas.svg()


def _join(path: DrawnPath) -> Path:
    return np.concatenate([path.past, *([] if path.true is None else [path.true]), path.predicted, path.straight])


def _draw_panel(canvas: Canvas, left: float, top: float, path: DrawnPath, scale: Float[np.ndarray, " 2"]) -> None:
    points = _join(path)
    middle = (points.min(0) + points.max(0)) / 2

    def place(values: Path) -> list[tuple[float, float]]:
        unit = (values - middle) / scale * 0.9
        return [(left + SIDE * (0.5 + x), top + HEAD + SIDE * (0.5 - y)) for x, y in unit.tolist()]

    canvas.box((left, top + HEAD), SIDE, SIDE, fill="none", stroke=RULE)
    extent = f"{format_number(float(f'{scale[0]:.2g}'))} x {format_number(float(f'{scale[1]:.2g}'))}"
    canvas.text((left, top + 16), path.title or extent, size=12, fill=SOFT)
    last = path.past[-1:]
    canvas.line(place(path.past), stroke=SOFT, width=2)
    canvas.line(place(np.concatenate([last, path.straight])), stroke=RED, width=1.5, dash="4 3")
    if path.true is not None:
        canvas.line(place(np.concatenate([last, path.true])), stroke=INK, width=2.5)
    predicted = place(np.concatenate([last, path.predicted]))
    canvas.line(predicted, stroke=BLUE, width=2)
    canvas.circle(predicted[-1], 3, fill=BLUE, stroke=BLUE)
    canvas.circle(place(last)[0], 3, fill=SOFT, stroke=SOFT)
