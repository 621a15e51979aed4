"""Animations: images that are shown one after another, as GIF files that any browser plays."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

COLORS = 256  # of the palette that all frames share


@dataclass(frozen=True)
class Animation:
    """Images of one size, and the duration of each.

    Args:
        frames: The images, at least one, of mode RGB or L.
        milliseconds: How long each is shown; GIF files count in hundredths of a second.
    """

    frames: Sequence[Image.Image]
    milliseconds: int = 120


def encode_gif(animation: Animation) -> bytes:
    """Return an animation as the content of a GIF file that repeats endlessly.

    All frames share one palette, so that what does not change does not flicker. The few colors of a drawing stay as
    they are; of the many of a photograph, only the most frequent one does, so that a white background stays white.
    """
    frames = [frame.convert("RGB") for frame in animation.frames]
    sheet = Image.new("RGB", (frames[0].width, frames[0].height * len(frames)))
    for number, frame in enumerate(frames):
        sheet.paste(frame, (0, number * frame.height))
    whole, (width, height) = _index_colors(sheet), frames[0].size
    indexed = [whole.crop((0, top, width, top + height)) for top in range(0, whole.height, height)]
    stream = io.BytesIO()
    indexed[0].save(
        stream, "GIF", save_all=True, append_images=indexed[1:], duration=animation.milliseconds, loop=0, optimize=False
    )
    return stream.getvalue()


def _index_colors(image: Image.Image) -> Image.Image:
    """Return an image of mode P with the colors of an image, or with the closest of 256 where it has more."""
    pixels = np.asarray(image).astype(np.int32)
    codes = pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]
    colors, counts = np.unique(codes, return_counts=True)
    if len(colors) > COLORS:
        reduced = image.quantize(COLORS - 1, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        indices, frequent = np.asarray(reduced) + 1, colors[counts.argmax()]
        indices[codes == frequent] = 0
        palette = [*_split_code(int(frequent)), *(reduced.getpalette() or ())]
    else:
        indices = np.searchsorted(colors, codes).astype(np.uint8)
        palette = [part for color in colors.tolist() for part in _split_code(color)]
    indexed = Image.fromarray(indices)
    indexed.putpalette(palette)
    return indexed


def _split_code(code: int) -> tuple[int, int, int]:
    return code >> 16, code >> 8 & 255, code & 255
