"""Films of predictions: what was observed, then the true frames, the predicted ones and their difference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from axone.figures.animation import Animation
from axone.figures.tiles import FAINT, INK, PAPER, color_diverging, cut_text, enlarge, load_font
from axone.messages import _

PANEL = 128  # pixels: about the side of an enlarged frame
GAP, HEAD, FOOT = 8, 22, 20  # pixels between panels, of the titles above and of the step below them
FIRST_PAUSE = 4  # times that the last frame is repeated before the film begins anew

Frames = Float[np.ndarray, "_ height width channels"]


def draw_film(past: Frames, true: Frames | None, predicted: Frames) -> Animation:
    """Return the film of one clip: true | predicted | error, or observed and predicted frames where nothing is true.

    Args:
        past: The observed frames, with values from 0 to 1.
        true: The frames that followed; None where they are not known.
        predicted: The predicted frames.
    """
    titles = [_("predicted")] if true is None else [_("true"), _("predicted"), _("error")]
    images = []
    for number, frame in enumerate(past, 1):
        blank = np.ones_like(frame)
        panels = [frame] if true is None else [frame, frame, blank]
        images.append(_draw(panels, titles, _("observed {number}", number=number), FAINT))
    for number, frame in enumerate(predicted, 1):
        panels = [frame]
        if true is not None:
            panels = [true[number - 1], frame, color_error(true[number - 1], frame) / 255]
        images.append(_draw(panels, titles, _("predicted {number}", number=number), INK))
    return Animation([*images, *[images[-1]] * FIRST_PAUSE])


def draw_strip(true: Sequence[Frames], predicted: Sequence[Frames], columns: Sequence[int]) -> Image.Image:
    """Return one image of some clips: three rows for each, true, predicted and error; a column for each step.

    Args:
        true: The frames that followed, for each clip.
        predicted: The predicted frames.
        columns: The steps to draw, counted from 1.
    """
    height, width = predicted[0].shape[1:3]
    scale = max(1, round(64 / max(height, width)))
    names = [_("true"), _("predicted"), _("error")]
    font = load_font(12)
    left = 12 + max(int(font.getlength(name)) for name in names)
    step_x, step_y = width * scale + 4, height * scale + 4
    sheet = Image.new("RGB", (left + len(columns) * step_x, HEAD + len(true) * (3 * step_y + GAP)), PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, column in enumerate(columns):
        draw.text((left + place * step_x + width * scale / 2, 4), f"+{column}", font=font, fill=FAINT, anchor="ma")
        for clip, (one, other) in enumerate(zip(true, predicted, strict=True)):
            top = HEAD + clip * (3 * step_y + GAP)
            error = color_error(one[column - 1], other[column - 1])
            tiles = [to_bytes(one[column - 1]), to_bytes(other[column - 1]), error]
            side = height * scale / 2
            for row, tile in enumerate(tiles):
                sheet.paste(enlarge(tile, scale), (left + place * step_x, top + row * step_y))
                if place == 0:
                    draw.text((4, top + row * step_y + side), names[row], font=font, fill=INK, anchor="lm")
    return sheet


def color_error(
    true: Float[np.ndarray, "height width channels"], predicted: Float[np.ndarray, "height width channels"]
) -> UInt8[np.ndarray, "height width 3"]:
    """Return predicted minus true pixels as colors: red where too bright, blue where too dark, white where right."""
    return color_diverging(np.clip((predicted - true).mean(-1), -1, 1).astype(np.float64))


def to_bytes(frame: Float[np.ndarray, "height width channels"]) -> UInt8[np.ndarray, "height width channels"]:
    """Return values from 0 to 1 as bytes; others are clamped."""
    return (np.clip(frame, 0, 1) * 255).round().astype(np.uint8)


def _draw(panels: Sequence[np.ndarray], titles: Sequence[str], foot: str, color: tuple[int, int, int]) -> Image.Image:
    height, width = panels[0].shape[:2]
    scale = max(1, round(PANEL / max(height, width)))
    tile_width, tile_height = width * scale, height * scale
    sheet = Image.new("RGB", (len(panels) * (tile_width + GAP) + GAP, HEAD + tile_height + FOOT), PAPER)
    draw, font = ImageDraw.Draw(sheet), load_font(12)
    for place, (panel, title) in enumerate(zip(panels, titles, strict=True)):
        left = GAP + place * (tile_width + GAP)
        sheet.paste(enlarge(to_bytes(panel), scale), (left, HEAD))
        draw.rectangle((left - 1, HEAD - 1, left + tile_width, HEAD + tile_height), outline=color)
        draw.text((left, 4), cut_text(title, font, tile_width), font=font, fill=INK)
    draw.text((GAP, HEAD + tile_height + 4), cut_text(foot, font, sheet.width - 2 * GAP), font=font, fill=color)
    return sheet
