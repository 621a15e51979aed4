"""What a person would rather look at than read: pictures and tables that a system shows at each check.

A system makes a `Figure` or a `Table`; the recorder keeps it. The drawings that several systems want are
here. Small images are enlarged without blur, so that a pixel stays a pixel.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Integer, UInt8
from PIL import Image, ImageDraw, ImageFont

from axone.messages import _
from axone.numbers import number, percent

INK, FAINT, PAPER = (32, 36, 44), (122, 130, 142), (255, 255, 255)
# Blue through white to red, in even steps of lightness: Brewer's RdBu.
_DIVERGING = np.array(
    [(5, 48, 97), (33, 102, 172), (67, 147, 195), (146, 197, 222), (209, 229, 240), (247, 247, 247),
     (253, 219, 199), (244, 165, 130), (214, 96, 77), (178, 24, 43), (103, 0, 31)], dtype=np.float64,
)  # fmt: skip
_LARGEST_SHEET = 400  # images of a contact sheet, kernels of a layer


@dataclass(frozen=True)
class Figure:
    """A picture with its words: `image` is a Pillow image, or the text of an SVG drawing."""

    name: str  # of the file, the same at each epoch
    title: str
    image: Image.Image | str
    caption: str = ""


@dataclass(frozen=True)
class Table:
    """A small table: column titles, and rows of numbers and texts."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def png(image: Image.Image) -> bytes:
    """Return a picture as the content of a PNG file."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def contact_sheet(
    images: UInt8[np.ndarray, "images height width channels"], captions: Sequence[str] = (), columns: int = 6
) -> Image.Image:
    """Lay images out in a grid, each with its caption (one or two lines) below. Channels: 1 or 3.

    At most 400 images are shown.
    """
    count, height, width = min(len(images), _LARGEST_SHEET), images.shape[1], images.shape[2]
    if not count:
        return _note(_("no images"))
    columns = max(1, min(columns, count))
    scale = max(1, round(112 / max(height, width)))
    tile_width, tile_height = max(width * scale, 122 if any(captions) else 0), height * scale
    font, gap = _font(13), 14
    texts = (*captions[:count], *[""] * (count - len(captions)))
    lines = [_wrapped(text, font, tile_width + gap - 4) for text in texts]
    line_height = 18
    caption_height = line_height * max((len(each) for each in lines), default=0)
    step = (tile_width + gap, tile_height + caption_height + gap + (4 if caption_height else 0))
    sheet = Image.new("RGB", (columns * step[0] + gap, -(-count // columns) * step[1] + gap), PAPER)
    draw = ImageDraw.Draw(sheet)
    for index in range(count):
        left, top = gap + index % columns * step[0], gap + index // columns * step[1]
        tile = _enlarged(images[index], scale)
        start = left + (tile_width - tile.width) // 2
        sheet.paste(tile, (start, top))
        draw.rectangle((start - 1, top - 1, start + tile.width, top + tile.height), outline=(222, 225, 230))
        for row, line in enumerate(lines[index]):
            middle = left + (tile_width - font.getlength(line)) / 2
            color = INK if row == 0 else FAINT
            draw.text((middle, top + tile_height + 4 + row * line_height), line, font=font, fill=color)
    return sheet


def kernels(weights: Float[np.ndarray, "out in height width"]) -> Image.Image:
    """Draw a layer's kernels on one scale of colors, blue below zero, red above, white at zero.

    Kernels that see several channels are drawn as a strip, one square a channel, at most eight.
    """
    out, channels, height, width = weights.shape
    shown, strip = min(out, _LARGEST_SHEET), min(channels, 8)
    if not weights.size:
        return _note(_("no kernels"))
    finite = np.nan_to_num(weights[:shown, :strip].astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    limit = float(np.abs(finite).max()) or 1.0
    scale = max(2, round((60 if strip == 1 else 42) / max(height, width)))
    gap, joint, margin = 12, 2, 16
    block = (strip * (width * scale + joint) - joint, height * scale)
    columns = _columns(shown, block[0] + gap, block[1] + gap)
    rows = -(-shown // columns)
    sheet_width = max(columns * (block[0] + gap) - gap + 2 * margin, 280)
    grid_height = rows * (block[1] + gap) - gap
    sheet = Image.new("RGB", (sheet_width, grid_height + 2 * margin + 52), PAPER)
    draw = ImageDraw.Draw(sheet)
    left_edge = (sheet_width - (columns * (block[0] + gap) - gap)) // 2
    for index in range(shown):
        left = left_edge + index % columns * (block[0] + gap)
        top = margin + index // columns * (block[1] + gap)
        for channel in range(strip):
            tile = _enlarged(diverging(finite[index, channel] / limit), scale)
            start = left + channel * (width * scale + joint)
            sheet.paste(tile, (start, top))
            draw.rectangle((start - 1, top - 1, start + tile.width, top + tile.height), outline=(205, 209, 215))
    _color_bar(sheet, grid_height + 2 * margin, limit)
    return sheet


def confusion(counts: Integer[np.ndarray, "true predicted"], classes: Sequence[str]) -> Image.Image:
    """Draw a confusion matrix: rows are the true classes, colors the share of the row, numbers the counts."""
    count = len(classes)
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    side = min(max(0.62 * count, 3.2), 11.0)
    figure, axes = _figure(side + 2.6, side + 1.5)
    # The square root lets the few mistakes of a good network be seen.
    image = axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    if count <= 30:
        size = 10 if count <= 12 else 7
        for row, column in np.argwhere(counts > 0):
            color = "white" if shares[row, column] > 0.3 else "#20242c"
            axes.text(
                column, row, number(int(counts[row, column])), ha="center", va="center", fontsize=size, color=color
            )
        axes.set_xticks(np.arange(count + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(count + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="white", linewidth=1.5)
    every = max(1, math.ceil(count / 60))
    names = [_shortened(name, 18) for name in classes[::every]]
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
    bar.set_ticks([math.sqrt(tick) for tick in ticks], labels=[percent(tick, 0) for tick in ticks])
    bar.set_label(_("share of the true class"), color="#5a626e")
    bar.outline.set_visible(False)
    return _drawn(figure)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    # matplotlib takes a second to import: only when a chart is drawn. Without pyplot it needs no screen.
    from matplotlib.figure import Figure as MatplotlibFigure

    figure = MatplotlibFigure(figsize=(width, height), dpi=130, layout="constrained", facecolor="white")
    return figure, figure.subplots()


def _drawn(figure: Any) -> Image.Image:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class name in a script that the font lacks: empty squares
        figure.savefig(stream, format="png", bbox_inches="tight", pad_inches=0.12)
    return Image.open(stream).convert("RGB")


@cache
def _font(size: int) -> Any:
    # matplotlib brings DejaVu Sans, which has arrows, Greek and Cyrillic; Pillow's own font is Latin only.
    # Finding the package does not import it.
    found = find_spec("matplotlib")
    places = found.submodule_search_locations if found else None
    for place in places or ():
        path = Path(place, "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")
        if path.is_file():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size=size)


def _enlarged(pixels: UInt8[np.ndarray, "height width channels"], scale: int) -> Image.Image:
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels[..., :3]).convert("RGB")
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def diverging(values: Float[np.ndarray, "height width"]) -> UInt8[np.ndarray, "height width 3"]:
    """Give each value of -1 to 1 its color."""
    places = np.linspace(-1, 1, len(_DIVERGING))
    channels = [np.interp(values, places, _DIVERGING[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def _color_bar(sheet: Image.Image, top: int, limit: float) -> None:
    """Draw the scale of `kernels` under the grid: what blue, white and red stand for."""
    length, height = 220, 12
    left = (sheet.width - length) // 2
    ramp = diverging(np.linspace(-1, 1, length)[None].repeat(height, axis=0))
    sheet.paste(Image.fromarray(ramp), (left, top))
    draw, font = ImageDraw.Draw(sheet), _font(12)
    draw.rectangle((left - 1, top - 1, left + length, top + height), outline=(205, 209, 215))
    for place, text in ((0, f"−{limit:.2g}"), (length // 2, "0"), (length, f"+{limit:.2g}")):
        draw.text((left + place - font.getlength(text) / 2, top + height + 5), text, font=font, fill=INK)


def _columns(count: int, width: int, height: int) -> int:
    """Choose how many columns make a sheet about three wide to two high, with full rows when possible."""
    ideal = max(1, round(math.sqrt(1.5 * count * height / width)))
    full = [columns for columns in range(max(1, ideal // 2), ideal * 2 + 1) if count % columns == 0]
    return min(count, min(full, key=lambda columns: abs(columns - ideal)) if full else ideal)


def _wrapped(text: str, font: Any, width: int) -> list[str]:
    """Break a caption into at most two lines that fit, at its own line break or between words."""
    lines: list[str] = []
    for part in _printable(text).split("\n"):
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
    return [_cut(line, font, width) for line in lines] if text.strip() else []


def _cut(line: str, font: Any, width: int) -> str:
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + "…") > width:
        line = line[:-1]
    return line.rstrip() + "…"


def _shortened(text: str, length: int) -> str:
    text = _printable(text).replace("\n", " ")
    return text if len(text) <= length else text[: length - 1] + "…"


def _printable(text: str) -> str:
    """Leave out what a name may hold and no font can draw: control characters and changes of direction."""
    return "".join(character for character in str(text)[:500] if character.isprintable() or character == "\n")


def _note(text: str) -> Image.Image:
    image = Image.new("RGB", (240, 60), PAPER)
    ImageDraw.Draw(image).text((16, 20), text, font=_font(15), fill=FAINT)
    return image
