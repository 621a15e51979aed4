"""Episodes as strips of images and as animations."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw
from torch import Tensor

from axone.figures.animation import Animation
from axone.figures.tiles import FAINT, INK, PAPER, load_font
from axone.messages import _
from axone.numbers import format_number
from axone.tasks.control.recording import MakeWorld, Recording, render

COLUMNS, WIDTH = 6, 190  # images of a strip and their width in pixels
MOST_FRAMES = 100  # of an animation
SECONDS = 8.0  # about, of a long animation
GAP, HEAD = 6, 20


def draw_strip(make_world: MakeWorld, recording: Recording) -> Image.Image:
    """Return images of an episode next to each other, evenly spaced from its first to its last step.

    Above each: the step, the return so far, and the value that the policy expected from there on.
    """
    steps = choose_steps(len(recording), COLUMNS)
    tiles = [_reduce(image) for image in render(make_world, recording, steps)]
    height, font = max(tile.height for tile in tiles), load_font(11)
    sheet = Image.new("RGB", (len(tiles) * (WIDTH + GAP) - GAP, 2 * HEAD + height), PAPER)
    draw = ImageDraw.Draw(sheet)
    returns = np.cumsum([0.0, *recording.rewards])
    for place, (step, tile) in enumerate(zip(steps, tiles)):
        left = place * (WIDTH + GAP)
        draw.text((left + 2, 3), _("step {step}", step=step), font=font, fill=INK)
        text = _("return {sum}, value {value}", sum=_short(returns[step]), value=_short(recording.values[step]))
        draw.text((left + 2, HEAD), text, font=font, fill=FAINT)
        sheet.paste(tile, (left, 2 * HEAD))
        draw.rectangle((left, 2 * HEAD, left + tile.width - 1, 2 * HEAD + tile.height - 1), outline=(213, 217, 223))
    return sheet


def animate(make_world: MakeWorld, recording: Recording) -> Animation:
    """Return an episode as an animation: all steps of a short one, evenly chosen ones of a long one."""
    steps = choose_steps(len(recording), MOST_FRAMES)
    images = [Image.fromarray(image.numpy()) for image in render(make_world, recording, steps)]
    duration = min(100, max(40, round(1000 * SECONDS / len(images))))
    return Animation(images, duration // 10 * 10)


def choose_steps(count: int, most: int) -> list[int]:
    """Return at most `most` of the steps 0 to count - 1, evenly spaced, with the first and the last."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).round().astype(int)).tolist()


def _reduce(image: UInt8[Tensor, "height width 3"]) -> Image.Image:
    whole = Image.fromarray(image.numpy())
    resample = Image.Resampling.BOX if whole.width > WIDTH else Image.Resampling.NEAREST
    return whole.resize((WIDTH, max(1, round(whole.height * WIDTH / whole.width))), resample)


def _short(value: float) -> str:
    return format_number(float(f"{value:.3g}"))
