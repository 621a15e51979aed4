"""Drawings of recordings: a spectrogram with what a network answers at each step below it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from axone.figures.canvas import RED, RULE, SOFT, Axes, Canvas
from axone.messages import _

WIDTH, HEIGHT, TRACE = 760, 150, 110  # pixels of the spectrogram, and the height of the curves
LEFT, GAP = 52, 30
SHOWN = 0.02  # probability below which a symbol has no curve
_COLORS = ("#2166ac", "#b2182b", "#1b7837", "#762a83", "#b35806", "#01665e", "#8c510a", "#4d4d4d")
# From white through blue to black: louder is darker.
_SHADES = np.array(
    [(255, 255, 255), (198, 219, 239), (107, 174, 214), (33, 113, 181), (8, 48, 107), (3, 19, 43)], float
)


def draw_transcription(
    energies: Float[np.ndarray, "frames bands"],
    probabilities: Float[np.ndarray, "steps symbols"],
    names: Sequence[str],
    spikes: Sequence[tuple[int, str]],
    step_seconds: float,
    reference: str,
) -> str:
    """Draw a spectrogram, the probability of each symbol at each step, and the symbols that were read from it.

    Args:
        energies: Log energies of mel bands, a frame every 10 ms.
        probabilities: Of the blank (first) and the symbols at each step.
        names: The text of each symbol but the blank.
        spikes: Each decoded symbol, with the step at which it is likeliest.
        step_seconds: The time between two steps.
        reference: The true transcript.
    """
    canvas, seconds = _begin(energies, HEIGHT + TRACE + GAP + 90)
    canvas.text((LEFT, 18), _("true: {text}", text=reference or _("(nothing)")), size=13, bold=True)
    top = 40 + HEIGHT + GAP
    axes = Axes(canvas, (LEFT, top, WIDTH, TRACE), (0.0, seconds), (0.0, 1.0))
    times = np.minimum((np.arange(len(probabilities)) + 0.5) * step_seconds, seconds)
    axes.line(zip(times.tolist(), probabilities[:, 0].tolist()), stroke=RULE, width=1.2)
    for symbol in range(1, probabilities.shape[1]):
        if probabilities[:, symbol].max() > SHOWN:
            color = _COLORS[(symbol - 1) % len(_COLORS)]
            axes.line(zip(times.tolist(), probabilities[:, symbol].tolist()), stroke=color, width=1.6)
    for step, text in spikes:
        x, _y = axes.point((step + 0.5) * step_seconds, 0)
        canvas.line([(x, 40), (x, top + TRACE)], stroke=RED, width=0.8, dash="3 3")
        canvas.text((x, top - 9), "␣" if text == " " else text, size=15, fill=RED, anchor="middle", bold=True)
    axes.draw(_("seconds"), about=6)
    canvas.text((LEFT + WIDTH - 4, top + 14), _("gray: the blank"), size=11, fill=SOFT, anchor="end")
    return canvas.svg()


def _begin(energies: Float[np.ndarray, "frames bands"], height: int) -> tuple[Canvas, float]:
    """Return a canvas with a spectrogram, and how many seconds it shows."""
    canvas = Canvas(LEFT + WIDTH + 14, height)
    low, high = np.percentile(energies, 20), energies.max()
    level = np.clip((energies.T[::-1] - low) / max(1e-6, high - low), 0, 1)
    places = np.linspace(0, 1, len(_SHADES))
    pixels = np.stack([np.interp(level, places, _SHADES[:, channel]) for channel in range(3)], -1)
    canvas.image((LEFT, 40), WIDTH, HEIGHT, pixels.round().astype(np.uint8))
    canvas.box((LEFT, 40), WIDTH, HEIGHT, fill="none", stroke=SOFT)
    canvas.text((LEFT - 8, 52), _("high"), size=11, fill=SOFT, anchor="end")
    canvas.text((LEFT - 8, 40 + HEIGHT - 2), _("low"), size=11, fill=SOFT, anchor="end")
    return canvas, 0.01 * len(energies)
