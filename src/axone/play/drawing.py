"""Drawings of worlds from shapes in their own units: as an image, and in a terminal by the dots of braille characters.

scene = Scene(left=-2.4, right=2.4, bottom=-1.0, top=2.0)
scene.line([(-2.4, 0), (2.4, 0)], GRAY)
scene.circle((0, 1), 0.2, BLUE)
scene.image(width=400), scene.text(columns=60)
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Tensor

from axone.play.simulation import State, World

Point = tuple[float, float]
Color = tuple[int, int, int]

WHITE: Color = (255, 255, 255)
BLACK: Color = (40, 40, 40)
GRAY: Color = (150, 150, 150)
BLUE: Color = (38, 110, 180)
ORANGE: Color = (222, 132, 40)
GREEN: Color = (60, 150, 80)
FINE = 3  # an image is drawn larger by this factor, then reduced, which smooths its edges
BRAILLE = 0x2800  # the character without dots; each dot is one bit
# The bits of the dots of a braille character: rows from the top, the left column and the right one.
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


@dataclass(frozen=True)
class Shape:
    """One shape: a line through points, a filled polygon, or a filled circle.

    Args:
        kind: "line", "polygon" or "circle".
        points: The points in the world's units; the center of a circle.
        color: The color.
        size: The width of a line or the radius of a circle in the world's units; a line of width 0 is one dot wide.
        in_text: Whether the shape is part of the text, too.
    """

    kind: str
    points: tuple[Point, ...]
    color: Color
    size: float = 0.0
    in_text: bool = True


class Scene:
    """Shapes in a rectangle of the world; later ones cover earlier ones.

    Args:
        left: The lowest horizontal coordinate.
        right: The highest horizontal coordinate.
        bottom: The lowest vertical coordinate.
        top: The highest vertical coordinate.
    """

    def __init__(self, *, left: float, right: float, bottom: float, top: float) -> None:
        self.left, self.right, self.bottom, self.top = left, right, bottom, top
        self.shapes: list[Shape] = []

    def line(self, points: Sequence[Point], color: Color, width: float = 0.0) -> None:
        """Add a line through points."""
        self.shapes.append(Shape("line", tuple(points), color, width))

    def polygon(self, points: Sequence[Point], color: Color, *, in_text: bool = True) -> None:
        """Add a filled polygon."""
        self.shapes.append(Shape("polygon", tuple(points), color, in_text=in_text))

    def circle(self, center: Point, radius: float, color: Color) -> None:
        """Add a filled circle."""
        self.shapes.append(Shape("circle", (center,), color, radius))

    def image(self, width: int = 400) -> UInt8[Tensor, "height width 3"]:
        """Return an image of a width in pixels; the height follows from the proportions of the scene."""
        from PIL import Image

        height = round(width * (self.top - self.bottom) / (self.right - self.left))
        large = Image.new("RGB", (width * FINE, height * FINE), WHITE)
        self._paint(large, self.shapes, thinnest=FINE)
        small = large.resize((width, height), Image.Resampling.BOX)
        return torch.frombuffer(bytearray(small.tobytes()), dtype=torch.uint8).reshape(height, width, 3)

    def text(self, columns: int = 60, rows: int = 18) -> str:
        """Return lines of braille characters, each of which has two columns and four rows of dots.

        Args:
            columns: The largest number of characters in a line.
            rows: The largest number of lines.
        """
        from PIL import Image

        proportion = (self.top - self.bottom) / (self.right - self.left)
        columns = min(columns, round(2 * rows / proportion))
        rows = max(1, round(columns * proportion / 2))
        width = 2 * columns
        dots = Image.new("L", (width, 4 * rows), 0)
        self._paint(dots, [shape for shape in self.shapes if shape.in_text], thinnest=1)
        data, lines = dots.tobytes(), []
        for row in range(rows):
            characters = []
            for column in range(columns):
                bits = sum(
                    bit
                    for down, pair in enumerate(DOTS)
                    for over, bit in enumerate(pair)
                    if data[(4 * row + down) * width + 2 * column + over]
                )
                characters.append(chr(BRAILLE + bits))
            lines.append("".join(characters).rstrip(chr(BRAILLE)))
        return "\n".join(lines)

    def _paint(self, image: Any, shapes: Sequence[Shape], *, thinnest: int) -> None:
        """Draw shapes with Pillow; in a grayscale image every shape is 255."""
        from PIL import ImageDraw

        draw = ImageDraw.Draw(image)
        scale = image.width / (self.right - self.left)
        for shape in shapes:
            points = [((x - self.left) * scale, (self.top - y) * scale) for x, y in shape.points]
            color: Any = shape.color if image.mode == "RGB" else 255
            if shape.kind == "line":
                draw.line(points, fill=color, width=max(thinnest, round(shape.size * scale)), joint="curve")
            elif shape.kind == "polygon":
                draw.polygon(points, fill=color)
            else:
                (x, y), radius = points[0], max(thinnest / 2, shape.size * scale)
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


class DrawnWorld(World):
    """A world that describes one copy as a scene, from which both the image and the text are made."""

    @abstractmethod
    def draw(self, state: State, copy: int) -> Scene:
        """Return the scene of one copy."""

    def render_text(self, state: State, copy: int = 0) -> str:
        """Return one copy as lines of text."""
        return self.draw(state, copy).text()

    def render_image(self, state: State, copy: int = 0) -> UInt8[Tensor, "height width 3"]:
        """Return one copy as an image."""
        return self.draw(state, copy).image()
