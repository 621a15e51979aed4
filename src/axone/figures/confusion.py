"""A confusion matrix, drawn by matplotlib."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Integer
from PIL import Image

from axone.figures.tiles import printable
from axone.messages import _
from axone.numbers import format_number, format_percent


def draw_confusion(counts: Integer[np.ndarray, "true predicted"], classes: Sequence[str]) -> Image.Image:
    """Draw a confusion matrix: a row per true class, colors for the share of the row, numbers for the counts."""
    count = len(classes)
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    side = min(max(0.62 * count, 3.2), 11.0)
    figure, axes = _new_figure(side + 2.6, side + 1.5)
    # On a scale of square roots the few mistakes of a good classifier are visible.
    image = axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    if count <= 30:
        size = 10 if count <= 12 else 7
        for row, column in np.argwhere(counts > 0):
            color = "white" if shares[row, column] > 0.3 else "#20242c"
            axes.text(
                column,
                row,
                format_number(int(counts[row, column])),
                ha="center",
                va="center",
                fontsize=size,
                color=color,
            )
        axes.set_xticks(np.arange(count + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(count + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="white", linewidth=1.5)
    every = max(1, math.ceil(count / 60))
    names = [_shorten(name, 18) for name in classes[::every]]
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(range(0, count, every), names, fontsize=10 if count <= 30 else 6, parse_math=False)
    axes.tick_params(which="both", length=0)
    axes.tick_params(axis="x", rotation=40 if max(map(len, names)) > 4 else 0)
    for label in axes.get_xticklabels():
        label.set_horizontalalignment("right" if max(map(len, names)) > 4 else "center")
        label.set_rotation_mode("anchor")
    axes.set_xlabel(_("predicted class"), color="#5a626e", labelpad=8)
    axes.set_ylabel(_("true class"), color="#5a626e", labelpad=8)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, cax=axes.inset_axes((1.03, 0, 0.16 / side, 1)))
    ticks = (0, 0.01, 0.05, 0.2, 0.5, 1)
    bar.set_ticks([math.sqrt(tick) for tick in ticks], labels=[format_percent(tick, 0) for tick in ticks])
    bar.set_label(_("share of the true class"), color="#5a626e")
    bar.outline.set_visible(False)
    return _render(figure)


def _new_figure(width: float, height: float) -> tuple[Any, Any]:
    # Importing matplotlib takes a second, so it is imported when a chart is drawn. Without pyplot it needs no screen.
    from matplotlib.figure import Figure as MatplotlibFigure

    figure = MatplotlibFigure(figsize=(width, height), dpi=130, layout="constrained", facecolor="white")
    return figure, figure.subplots()


def _render(figure: Any) -> Image.Image:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # characters that the font lacks become squares
        figure.savefig(stream, format="png", bbox_inches="tight", pad_inches=0.12)
    return Image.open(stream).convert("RGB")


def _shorten(text: str, length: int) -> str:
    text = printable(text).replace("\n", " ")
    return text if len(text) <= length else text[: length - 1] + "…"
