"""Parts of displays in notebooks: self-contained HTML without scripts, readable on light and on dark.

Text takes the color of the page, and lines and bars are half transparent. All texts are escaped.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from PIL import Image

from axone.figures.animation import Animation, encode_gif
from axone.figures.encode import encode_png
from axone.figures.text import escape
from axone.numbers import Number, format_percent

LINE = "1px solid rgba(128,128,128,.4)"
FAINT = "opacity:.7"
TABLE = "border-collapse:collapse;margin:0;font-size:inherit;color:inherit"
COLORS = ("#5b8fc9", "#cf7d60")  # of the curves: readable on white and on black
LARGEST_SIDE = 320  # of a small image, in pixels


def join_parts(*parts: str) -> str:
    """Return parts below each other, as wide as their content and no wider than the page; empty parts are left out."""
    rows = "".join(f'<div style="margin:0 0 6px 0">{part}</div>' for part in parts if part)
    return f'<div style="display:inline-block;max-width:100%;line-height:1.45;text-align:left">{rows}</div>'


def write_title(title: str, detail: str = "") -> str:
    """Return a bold title and a faint detail after it."""
    return f"<b>{escape(title)}</b>" + (f' <span style="{FAINT}">{escape(detail)}</span>' if detail else "")


def write_note(text: str) -> str:
    """Return a faint paragraph."""
    return f'<span style="{FAINT};overflow-wrap:anywhere">{escape(text)}</span>' if text else ""


def embed_image(image: Image.Image | str | Animation, alt: str, *, enlarge: bool = False) -> str:
    """Return an image element for a Pillow image, for the text of an SVG drawing, or for an animation.

    With `enlarge`, an image of few pixels is shown larger, with visible pixels.
    """
    style = "max-width:100%"
    if isinstance(image, str):
        kind, data = "svg+xml", image.encode()
    elif isinstance(image, Animation):
        kind, data = "gif", encode_gif(image)
    else:
        kind, data = "png", encode_png(image)
        if enlarge and max(image.size) <= LARGEST_SIDE // 3:
            factor = LARGEST_SIDE // 2 // max(image.size)
            style += f";width:{image.width * max(factor, 1)}px;image-rendering:pixelated"
    address = f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
    return f'<img src="{address}" alt="{escape(alt)}" style="{style}">'


def draw_bars(shares: Sequence[tuple[str, float]]) -> str:
    """Return a bar for each name, whose share is from 0 to 1."""
    rows = ""
    for name, share in shares:
        width = 100 * min(max(share, 0.0), 1.0)
        bar = f'<div style="width:{width:.1f}%;height:10px;background:{COLORS[0]}"></div>'
        rows += (
            f'<tr style="background:none"><td style="text-align:left;padding:1px 8px 1px 0">{escape(name, 60)}</td>'
            f'<td style="padding:1px 8px 1px 0"><div style="width:140px;height:10px;border:{LINE}">{bar}</div></td>'
            f'<td style="text-align:right;padding:1px 0">{escape(format_percent(share, 1))}</td></tr>'
        )
    return f'<table style="{TABLE}">{rows}</table>'


def write_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose cells are texts; a wide one can be scrolled."""
    head, body = "".join(_cell("th", text, 0) for text in columns), []
    for row in rows:
        body.append("<tr>" + "".join(_cell("td", text, position) for position, text in enumerate(row)) + "</tr>")
    table = f'<table style="{TABLE}"><tr>{head}</tr>{"".join(body)}</table>'
    return f'<div style="overflow-x:auto">{table}</div>'


def draw_curves(curves: Sequence[tuple[str, Sequence[tuple[Number, Number]]]], title: str) -> str:
    """Return a small drawing of curves with a legend; "" where no curve has two points.

    Args:
        curves: At most two names, each with its (x, y) points in order of x.
        title: The quantity on the vertical axis.
    """
    curves = [(name, points) for name, points in curves if len(points) > 1]
    if not curves:
        return ""
    xs = [x for _name, points in curves for x, _y in points]
    ys = [y for _name, points in curves for _x, y in points]
    width, height, margin = 260, 90, 4
    x_scale, y_scale = (
        (length - 2 * margin) / max(max(values) - min(values), 1e-12) for length, values in ((width, xs), (height, ys))
    )
    paths, legend = "", ""
    for (name, points), color in zip(curves, COLORS):
        path = "L".join(
            f"{margin + (x - min(xs)) * x_scale:.1f} {height - margin - (y - min(ys)) * y_scale:.1f}" for x, y in points
        )
        paths += f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2"/>'
        legend += f'<span style="color:{color}">━</span> {escape(name, 60)} &nbsp; '
    drawing = (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{escape(title)}"'
        f' style="max-width:100%;border:{LINE}">{paths}</svg>'
    )
    return f"{drawing}<br>{escape(title)}: &nbsp;{legend}"


def _cell(tag: str, text: str, position: int) -> str:
    align = "left" if position == 0 else "right"
    return f'<{tag} style="text-align:{align};padding:2px 10px;border-bottom:{LINE}">{escape(text, 200)}</{tag}>'
