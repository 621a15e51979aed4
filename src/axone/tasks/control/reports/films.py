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
from axone.tasks.control.reports.recording import MakeWorld, Recording, render

IMAGES, COLUMNS = 6, 3  # of a strip, and in each of its rows
WIDE, NARROW, NARROWEST = 400, 260, 190  # pixels of an image that is much wider than high, of another one, of a column
MOST_FRAMES = 100  # of an animation
SECONDS = 8.0  # about, of a long animation
LONGEST = 200  # milliseconds of a frame
LAST_FRAMES = 8  # times that the last frame is repeated before the film begins anew
GAP, LINE = 6, 18  # pixels between images, and of a line of text
FRAME = (213, 217, 223)


def draw_strip(make_world: MakeWorld, recording: Recording) -> Image.Image:
    """Return images of an episode in rows, evenly spaced from its first situation to its last one.

    Above each: the number of steps before it, the return so far, and the value that the policy expected from there on.
    """
    steps = choose_steps(recording.situations, IMAGES)
    tiles = [_resize(image) for image in render(make_world, recording, steps)]
    font = load_font(12)
    width, height = max(NARROWEST, *(tile.width for tile in tiles)) + GAP, tiles[0].height + 2 * LINE + GAP
    columns, rows = min(COLUMNS, len(tiles)), -(-len(tiles) // COLUMNS)
    sheet = Image.new("RGB", (columns * width - GAP, rows * height - GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    returns = np.cumsum([0.0, *recording.rewards])
    for place, (step, tile) in enumerate(zip(steps, tiles)):
        left, top = place % COLUMNS * width, place // COLUMNS * height
        is_end = step == len(recording)
        title = _("step {step}: the end", step=step) if is_end else _("step {step}", step=step)
        draw.text((left + 2, top + 2), title, font=font, fill=INK)
        text = (
            _("return {sum}", sum=_short(returns[step]))
            if is_end
            else _("return {sum}, value {value}", sum=_short(returns[step]), value=_short(recording.values[step]))
        )
        draw.text((left + 2, top + LINE), text, font=font, fill=FAINT)
        sheet.paste(tile, (left, top + 2 * LINE))
        edges = (left, top + 2 * LINE, left + tile.width - 1, top + 2 * LINE + tile.height - 1)
        draw.rectangle(edges, outline=FRAME)
    return sheet


def animate(make_world: MakeWorld, recording: Recording) -> Animation:
    """Return an episode as an animation: all steps of a short one, evenly chosen ones of a long one."""
    steps = choose_steps(recording.situations, MOST_FRAMES)
    images = [Image.fromarray(image.numpy()) for image in render(make_world, recording, steps)]
    duration = min(LONGEST, max(40, round(1000 * SECONDS / len(images))))
    return Animation([*images, *[images[-1]] * LAST_FRAMES], duration // 10 * 10)


def choose_steps(count: int, most: int) -> list[int]:
    """Return at most `most` of the steps 0 to count - 1, evenly spaced, with the first and the last."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).round().astype(int)).tolist()


def _resize(image: UInt8[Tensor, "height width 3"]) -> Image.Image:
    """Return an image that is at most as wide as a column; a small one is enlarged by a whole number, to be sharp."""
    whole = Image.fromarray(image.numpy())
    most = WIDE if whole.width > 1.5 * whole.height else NARROW
    if whole.width > most:
        return whole.resize((most, max(1, round(whole.height * most / whole.width))), Image.Resampling.BOX)
    factor = max(1, most // whole.width)
    return whole.resize((factor * whole.width, factor * whole.height), Image.Resampling.NEAREST)


def _short(value: float) -> str:
    return format_number(float(f"{value:.3g}"))
