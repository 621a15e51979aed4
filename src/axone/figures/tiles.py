"""What the sheets of small images share: enlarged pixels, a diverging color scale, a font, captions that fit."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

INK, FAINT, PAPER = (32, 36, 44), (122, 130, 142), (255, 255, 255)
MOST_TILES = 400  # of one sheet
# Blue through white to red, in even steps of lightness: Brewer's RdBu.
_DIVERGING = np.array(
    [(5, 48, 97), (33, 102, 172), (67, 147, 195), (146, 197, 222), (209, 229, 240), (247, 247, 247),
     (253, 219, 199), (244, 165, 130), (214, 96, 77), (178, 24, 43), (103, 0, 31)], dtype=np.float64,
)  # fmt: skip


def enlarge(pixels: UInt8[np.ndarray, "height width channels"], scale: int) -> Image.Image:
    """Return an image with each pixel as a square of `scale` pixels: small images are shown without blur."""
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels[..., :3]).convert("RGB")
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def color_diverging(values: Float[np.ndarray, "height width"]) -> UInt8[np.ndarray, "height width 3"]:
    """Map values from -1 to 1 to colors: blue below zero, white at zero, red above."""
    places = np.linspace(-1, 1, len(_DIVERGING))
    channels = [np.interp(values, places, _DIVERGING[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


@cache
def load_font(size: int) -> Any:
    """Return a font of a size in pixels, that covers as many scripts as the installed fonts allow."""
    # matplotlib brings DejaVu Sans, which has arrows, Greek and Cyrillic; Pillow's own font is Latin only.
    # Finding the package does not import it.
    package = find_spec("matplotlib")
    places = package.submodule_search_locations if package else None
    for place in places or ():
        path = Path(place, "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")
        if path.is_file():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size=size)


def wrap_text(text: str, font: Any, width: int) -> list[str]:
    """Break a caption into at most two lines that fit, at its own line break or between words."""
    lines: list[str] = []
    for part in printable(text).split("\n"):
        line = ""
        for word in part.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    if len(lines) > 2:
        lines = [lines[0], " ".join(lines[1:])]
    return [cut_text(line, font, width) for line in lines] if text.strip() else []


def cut_text(line: str, font: Any, width: int) -> str:
    """Shorten a line to a width in pixels, with a sign that it was shortened."""
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + "…") > width:
        line = line[:-1]
    return line.rstrip() + "…"


def printable(text: str) -> str:
    """Remove characters that a name may hold and no font can draw: control characters, changes of direction."""
    return "".join(character for character in str(text)[:500] if character.isprintable() or character == "\n")


def draw_note(text: str) -> Image.Image:
    """Draw a text in place of a sheet that would be empty."""
    image = Image.new("RGB", (240, 60), PAPER)
    ImageDraw.Draw(image).text((16, 20), text, font=load_font(15), fill=FAINT)
    return image
