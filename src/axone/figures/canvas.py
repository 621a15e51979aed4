"""Drawing SVG: lines, circles, text, and axes with round numbers.

The background is white, so that a drawing is readable on a page of any color. There is no script, no style sheet and no
reference to another file.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from axone.figures.figure import encode_png
from axone.figures.ticks import choose_ticks
from axone.numbers import Number, format_number

INK, SOFT, RULE, PAPER = "#20242c", "#5a626e", "#d5d9df", "#ffffff"
# Two classes, or below and above zero: they differ for color-blind readers too.
BLUE, RED = "#2166ac", "#b2182b"
FONT = "system-ui, 'DejaVu Sans', Verdana, sans-serif"

Point = tuple[Number, Number]


class Canvas:
    """A drawing of some pixels; later parts cover earlier ones."""

    def __init__(self, width: Number, height: Number) -> None:
        self.width, self.height = width, height
        self.parts: list[str] = [f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/>']

    def svg(self) -> str:
        """Return the whole drawing."""
        size = f'width="{self.width:g}" height="{self.height:g}" viewBox="0 0 {self.width:g} {self.height:g}"'
        body = "".join(self.parts)
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT}">{body}</svg>'

    def text(
        self,
        at: Point,
        text: str,
        *,
        size: Number = 13,
        fill: str = INK,
        anchor: str = "start",
        bold: bool = False,
        turn: Number = 0,
    ) -> None:
        """Write a line of text.

        Args:
            at: The point of its baseline.
            text: The text.
            size: The size of the font, in pixels.
            fill: The color.
            anchor: The part of the text at the point: start, middle or end.
            bold: Whether the font is bold.
            turn: The angle by which the text is turned around the point, in degrees clockwise.
        """
        style = ' font-weight="600"' if bold else ""
        if turn:
            style += f' transform="rotate({turn:g} {at[0]:.1f} {at[1]:.1f})"'
        self.parts.append(
            f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{style}>'
            f"{escape(text)}</text>"
        )

    def line(self, points: Iterable[Point], *, stroke: str = INK, width: Number = 1.5, dash: str = "") -> None:
        """Connect points by straight lines."""
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path d="M{path}" fill="none" stroke="{stroke}" stroke-width="{width:.2f}"'
            f' stroke-linejoin="round"{dashed}/>'
        )

    def polygon(self, points: Sequence[Point], fill: str) -> None:
        """Fill the area between points."""
        if len(points) > 2:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            self.parts.append(f'<path d="M{path}Z" fill="{fill}"/>')

    def circle(
        self,
        at: Point,
        radius: Number,
        *,
        fill: str = PAPER,
        stroke: str = INK,
        width: Number = 1.5,
        opacity: Number = 1,
    ) -> None:
        """Draw a filled circle with its border."""
        transparency = f' opacity="{opacity:g}"' if opacity < 1 else ""
        self.parts.append(
            f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:g}" fill="{fill}" stroke="{stroke}"'
            f' stroke-width="{width:g}"{transparency}/>'
        )

    def box(
        self, at: Point, width: Number, height: Number, *, fill: str = PAPER, stroke: str = INK, round: Number = 0
    ) -> None:
        """Draw a rectangle from its upper left corner."""
        self.parts.append(
            f'<rect x="{at[0]:.1f}" y="{at[1]:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{round:g}"'
            f' fill="{fill}" stroke="{stroke}"/>'
        )

    def label(self, at: Point, text: str, *, size: Number = 12, fill: str = INK) -> None:
        """Write a line of text centered on a point, on a white background that covers what lies below."""
        width = 0.62 * size * len(text) + 6
        self.parts.append(
            f'<rect x="{at[0] - width / 2:.1f}" y="{at[1] - size:.1f}" width="{width:.1f}" height="{size + 5:.1f}"'
            f' fill="{PAPER}" opacity="0.9" rx="3"/>'
        )
        self.text(at, text, size=size, fill=fill, anchor="middle")

    def image(self, at: Point, width: Number, height: Number, pixels: UInt8[np.ndarray, "rows columns 3"]) -> None:
        """Draw an image into a rectangle, smoothly enlarged."""
        data = base64.b64encode(encode_png(Image.fromarray(pixels))).decode("ascii")
        self.parts.append(
            f'<image x="{at[0]:.1f}" y="{at[1]:.1f}" width="{width:.1f}" height="{height:.1f}"'
            f' preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'
        )


class Axes:
    """A rectangle of a canvas with a horizontal and a vertical scale."""

    def __init__(
        self,
        canvas: Canvas,
        box: tuple[Number, Number, Number, Number],
        x: tuple[Number, Number],
        y: tuple[Number, Number],
    ) -> None:
        """Set the rectangle and the scales.

        Args:
            canvas: The drawing to draw on.
            box: Left, top, width and height of the rectangle, in pixels.
            x: The values at its left and right edge.
            y: The values at its lower and upper edge.
        """
        self.canvas, self.box, self.x, self.y = canvas, box, x, y

    def point(self, x: Number, y: Number) -> Point:
        """Convert a pair of values to a point of the canvas."""
        left, top, width, height = self.box
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return left + width * across, top + height * (1 - up)

    def line(self, points: Iterable[Point], *, stroke: str = INK, width: Number = 1.5, dash: str = "") -> None:
        """Connect points, given as pairs of values, by straight lines."""
        self.canvas.line([self.point(*point) for point in points], stroke=stroke, width=width, dash=dash)

    def draw(
        self,
        x_label: str = "",
        y_label: str = "",
        *,
        grid: bool = False,
        about: int = 5,
        x_ticks: bool = True,
        whole_x: bool = False,
    ) -> None:
        """Draw the frame with ticks at about `about` round numbers per axis, and grid lines on request.

        Without `x_ticks`, the caller writes what is along the horizontal axis; with `whole_x`, only whole numbers are
        there.
        """
        left, top, width, height = self.box
        canvas = self.canvas
        for value in choose_ticks(*self.x, about=about) if x_ticks else ():
            if whole_x and not value.is_integer():
                continue
            place, _y = self.point(value, self.y[0])
            if grid:
                canvas.line([(place, top), (place, top + height)], stroke=RULE, width=0.7)
            canvas.line([(place, top + height), (place, top + height + 4)], stroke=SOFT, width=1)
            canvas.text((place, top + height + 18), format_number(value), size=12, fill=SOFT, anchor="middle")
        for value in choose_ticks(*self.y, about=about):
            _x, place = self.point(self.x[0], value)
            if grid:
                canvas.line([(left, place), (left + width, place)], stroke=RULE, width=0.7)
            canvas.line([(left - 4, place), (left, place)], stroke=SOFT, width=1)
            canvas.text((left - 8, place + 4), format_number(value), size=12, fill=SOFT, anchor="end")
        canvas.box((left, top), width, height, fill="none", stroke=SOFT)
        if x_label:
            canvas.text((left + width / 2, top + height + 38), x_label, size=13, anchor="middle")
        if y_label:
            canvas.text((left - 4, top - 10), y_label, size=13)
