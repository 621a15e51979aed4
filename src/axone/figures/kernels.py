"""The kernels of a convolution, or the weights of a layer on images, as a sheet of small colored squares."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw

from axone.figures.tiles import INK, MOST_TILES, PAPER, color_diverging, draw_note, enlarge, load_font
from axone.messages import _

_BORDER = (205, 209, 215)


def draw_kernel_sheet(weights: Float[np.ndarray, "out in height width"]) -> Image.Image:
    """Draw a layer's kernels on one color scale: blue below zero, white at zero, red above.

    A kernel of several input channels is a strip, one square per channel, of which eight are drawn at most.
    """
    out, channels, height, width = weights.shape
    count, strip = min(out, MOST_TILES), min(channels, 8)
    if not weights.size:
        return draw_note(_("no kernels"))
    finite = np.nan_to_num(weights[:count, :strip].astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    limit = float(np.abs(finite).max()) or 1.0
    scale = max(2, round((60 if strip == 1 else 42) / max(height, width)))
    gap, joint, margin = 12, 2, 16
    block = (strip * (width * scale + joint) - joint, height * scale)
    columns = _choose_columns(count, block[0] + gap, block[1] + gap)
    rows = -(-count // columns)
    sheet_width = max(columns * (block[0] + gap) - gap + 2 * margin, 280)
    grid_height = rows * (block[1] + gap) - gap
    sheet = Image.new("RGB", (sheet_width, grid_height + 2 * margin + 52), PAPER)
    draw = ImageDraw.Draw(sheet)
    left_edge = (sheet_width - (columns * (block[0] + gap) - gap)) // 2
    for index in range(count):
        left = left_edge + index % columns * (block[0] + gap)
        top = margin + index // columns * (block[1] + gap)
        for channel in range(strip):
            tile = enlarge(color_diverging(finite[index, channel] / limit), scale)
            start = left + channel * (width * scale + joint)
            sheet.paste(tile, (start, top))
            draw.rectangle((start - 1, top - 1, start + tile.width, top + tile.height), outline=_BORDER)
    _draw_color_bar(sheet, grid_height + 2 * margin, limit)
    return sheet


def _draw_color_bar(sheet: Image.Image, top: int, limit: float) -> None:
    """Draw the color scale below the grid, with the values of its ends and its middle."""
    length, height = 220, 12
    left = (sheet.width - length) // 2
    ramp = color_diverging(np.linspace(-1, 1, length)[None].repeat(height, axis=0))
    sheet.paste(Image.fromarray(ramp), (left, top))
    draw, font = ImageDraw.Draw(sheet), load_font(12)
    draw.rectangle((left - 1, top - 1, left + length, top + height), outline=_BORDER)
    for place, text in ((0, f"−{limit:.2g}"), (length // 2, "0"), (length, f"+{limit:.2g}")):
        draw.text((left + place - font.getlength(text) / 2, top + height + 5), text, font=font, fill=INK)


def _choose_columns(count: int, width: int, height: int) -> int:
    """Choose the number of columns of a sheet with sides of about 3 to 2, with full rows when possible."""
    ideal = max(1, round(math.sqrt(1.5 * count * height / width)))
    full = [columns for columns in range(max(1, ideal // 2), ideal * 2 + 1) if count % columns == 0]
    return min(count, min(full, key=lambda columns: abs(columns - ideal)) if full else ideal)
