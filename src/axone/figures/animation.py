"""Animations: images that are shown one after another, as GIF files that any browser plays."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

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

    All frames share one palette, so that what does not change does not flicker.
    """
    frames = [frame.convert("RGB") for frame in animation.frames]
    sheet = Image.new("RGB", (frames[0].width, frames[0].height * len(frames)))
    for number, frame in enumerate(frames):
        sheet.paste(frame, (0, number * frame.height))
    palette = sheet.quantize(COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    indexed = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    stream = io.BytesIO()
    indexed[0].save(
        stream, "GIF", save_all=True, append_images=indexed[1:], duration=animation.milliseconds, loop=0, optimize=False
    )
    return stream.getvalue()
