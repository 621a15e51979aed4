"""A contact sheet: many small images in a grid, each with its caption."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from axone.figures.tiles import FAINT, INK, MOST_TILES, PAPER, draw_note, enlarge, load_font, wrap_text
from axone.messages import _

_BORDER = (222, 225, 230)


def draw_contact_sheet(
    images: UInt8[np.ndarray, "images height width channels"], captions: Sequence[str] = (), columns: int = 6
) -> Image.Image:
    """Draw images in a grid, each with its caption (one or two lines) below; they have 1 or 3 channels.

    At most 400 images are drawn.
    """
    count, height, width = min(len(images), MOST_TILES), images.shape[1], images.shape[2]
    if not count:
        return draw_note(_("no images"))
    columns = max(1, min(columns, count))
    scale = max(1, round(112 / max(height, width)))
    tile_width, tile_height = max(width * scale, 122 if any(captions) else 0), height * scale
    font, gap = load_font(13), 14
    texts = (*captions[:count], *[""] * (count - len(captions)))
    lines = [wrap_text(text, font, tile_width + gap - 4) for text in texts]
    line_height = 18
    caption_height = line_height * max((len(each) for each in lines), default=0)
    step = (tile_width + gap, tile_height + caption_height + gap + (4 if caption_height else 0))
    sheet = Image.new("RGB", (columns * step[0] + gap, -(-count // columns) * step[1] + gap), PAPER)
    draw = ImageDraw.Draw(sheet)
    for index in range(count):
        left, top = gap + index % columns * step[0], gap + index // columns * step[1]
        tile = enlarge(images[index], scale)
        start = left + (tile_width - tile.width) // 2
        sheet.paste(tile, (start, top))
        draw.rectangle((start - 1, top - 1, start + tile.width, top + tile.height), outline=_BORDER)
        for row, line in enumerate(lines[index]):
            middle = left + (tile_width - font.getlength(line)) / 2
            color = INK if row == 0 else FAINT
            draw.text((middle, top + tile_height + 4 + row * line_height), line, font=font, fill=color)
    return sheet
