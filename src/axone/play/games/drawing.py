"""Boards as text and as images, with coordinates, the last move, and how often a search visited each action.

A game describes a position as a `Board`; nothing here knows rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SYMBOLS = ".XO"  # an empty cell, a stone of the first player, one of the second
SMALLEST_SHARE = 0.005  # less is not drawn: it would be 0 %
OVERSAMPLING = 3  # images are drawn larger by this factor and reduced, so that edges are smooth
Color = tuple[int, int, int]
Real = float | int


@dataclass(frozen=True)
class Board:
    """What is to be drawn of a position.

    Args:
        rows: The cells from the upper left corner: 0 for an empty one, 1 for a stone of the first player, else 2.
        columns: The label of each column.
        lines: The label of each row, from the top; empty texts: rows have none.
        last: Row and column of the last stone; None: there is none.
        action_cells: Row and column of each action, for visits; row -1: above a column; None: not on the board.
        style: "signs" draws crosses and noughts, "holes" a wall with colored stones, "disks" black and white disks in
            cells, "points" stones on the crossings of lines.
        action_names: The names of the actions that are not on the board, by number.
    """

    rows: tuple[tuple[int, ...], ...]
    columns: tuple[str, ...]
    lines: tuple[str, ...]
    last: tuple[int, int] | None
    action_cells: tuple[tuple[int, int] | None, ...]
    style: Literal["signs", "holes", "disks", "points"]
    action_names: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Palette:
    """The colors of a style: the board, its lines, empty cells, the stones of both players, a ring."""

    board: Color
    line: Color
    empty: Color
    first: Color
    second: Color
    ring: Color = (255, 120, 0)


PALETTES = {
    "signs": Palette((255, 255, 255), (90, 90, 90), (255, 255, 255), (31, 98, 173), (196, 66, 44)),
    "holes": Palette((40, 84, 160), (40, 84, 160), (238, 242, 248), (206, 54, 54), (240, 196, 48), (252, 248, 238)),
    "disks": Palette((46, 125, 80), (24, 76, 46), (46, 125, 80), (20, 20, 20), (244, 244, 240)),
    "points": Palette((222, 184, 120), (70, 50, 20), (222, 184, 120), (20, 20, 20), (248, 248, 244)),
}
PAGE: Color = (255, 255, 255)
LABEL: Color = (70, 70, 70)
VISITS: Color = (178, 208, 244)
VISITS_TEXT: Color = (10, 30, 60)


def draw_text(board: Board, shares: Sequence[Real] | None = None) -> str:
    """Return a board as lines of text; the last move is in brackets.

    Args:
        board: What to draw.
        shares: The share of the visits of each action, which add up to 1. They are written in percent: in the cell of
            the action, above its column, or below the board.
    """
    percent = percent_by_cell(board, shares)
    width = 4 if any(row >= 0 for row, _column in percent) else 2 if all(len(name) < 2 for name in board.columns) else 3
    width = max(width, 4 if percent else 0)
    margin = max(len(label) for label in board.lines)
    lines = []
    if any(row < 0 for row, _column in percent):
        above = [f"{percent.get((-1, column), ''):>{width}}" for column in range(len(board.columns))]
        lines.append(" " * margin + "".join(above))
    for row, (label, cells) in enumerate(zip(board.lines, board.rows)):
        line = f"{label:>{margin}}"
        for column, value in enumerate(cells):
            line += f"{percent.get((row, column), SYMBOLS[value]):>{width}}"
        line += " "
        if board.last is not None and board.last[0] == row:
            at = margin + width * (board.last[1] + 1) - 1
            line = f"{line[: at - 1]}[{line[at]}]{line[at + 2 :]}"
        lines.append(line.rstrip())
    lines.append(" " * margin + "".join(f"{name:>{width}}" for name in board.columns))
    return "\n".join(lines + other_shares(board, shares))


def other_shares(board: Board, shares: Sequence[Real] | None) -> list[str]:
    """Return the shares of the actions that are not on the board, as texts."""
    return [
        f"{name}: {100 * shares[action]:.0f} %"
        for action, name in board.action_names
        if shares is not None and shares[action] >= SMALLEST_SHARE
    ]


def percent_by_cell(board: Board, shares: Sequence[Real] | None) -> dict[tuple[int, int], str]:
    """Return the share of each cell in percent, without those that round to 0."""
    return {
        cell: f"{100 * share:.0f}"
        for cell, share in zip(board.action_cells, shares or ())
        if cell is not None and share >= SMALLEST_SHARE
    }


def draw_image(board: Board, shares: Sequence[Real] | None = None, cell: int = 40) -> np.ndarray:
    """Return a board as an image, uint8 [height, width, 3]; a ring is around the last stone.

    Args:
        board: What to draw.
        shares: The share of the visits of each action, drawn as disks with the percentage.
        cell: The size of a cell in pixels.
    """
    height, width = len(board.rows), len(board.columns)
    has_labels = any(board.lines)
    has_header = any(at is not None and at[0] < 0 for at in board.action_cells) and shares is not None
    left, top, margin = (0.7 if has_labels else 0.3), (1.0 if has_header else 0.3), 0.3
    unit = cell * OVERSAMPLING
    captions = other_shares(board, shares)
    bottom = 0.7 + 0.6 * len(captions)
    size = (round((left + width + margin) * unit), round((top + height + bottom) * unit))
    image = Image.new("RGB", size, PAGE)
    canvas = Canvas(ImageDraw.Draw(image), unit, left, top, PALETTES[board.style])
    canvas.draw_grid(board, height, width)
    for row, cells in enumerate(board.rows):
        for column, value in enumerate(cells):
            if value or board.style == "holes":
                canvas.draw_stone(board.style, row, column, value)
    if board.last is not None:
        canvas.draw_ring(*board.last)
    for at, share in zip(board.action_cells, shares or ()):
        if at is not None and share >= SMALLEST_SHARE:
            canvas.draw_share(*at, share)
    for column, name in enumerate(board.columns):
        canvas.draw_label(name, height - 0.15, column)
    for row, name in enumerate(board.lines):
        canvas.draw_label(name, row, -0.85)
    for number, text in enumerate(captions):
        canvas.draw_label(text, height + 0.45 + 0.6 * number, (width - 1) / 2)
    reduced = image.resize((size[0] // OVERSAMPLING, size[1] // OVERSAMPLING), Image.Resampling.BOX)
    return np.array(reduced)  # a copy: Pillow's own memory is read-only


@dataclass(frozen=True)
class Canvas:
    """Shapes in units of a cell, whose centers have whole coordinates.

    Args:
        draw: Where to draw.
        unit: The size of a cell in pixels.
        left: The space to the left of the board, in cells.
        top: The space above it.
        palette: The colors.
    """

    draw: ImageDraw.ImageDraw
    unit: int
    left: Real
    top: Real
    palette: Palette

    def point(self, row: Real, column: Real) -> tuple[float, float]:
        """Return the pixel of a place; whole numbers are the centers of cells."""
        return (self.left + column + 0.5) * self.unit, (self.top + row + 0.5) * self.unit

    def box(self, row: Real, column: Real, radius: Real) -> tuple[float, float, float, float]:
        """Return the square around a place, in pixels."""
        x, y = self.point(row, column)
        return x - radius * self.unit, y - radius * self.unit, x + radius * self.unit, y + radius * self.unit

    def draw_line(self, start: tuple[Real, Real], end: tuple[Real, Real], color: Color, width: Real) -> None:
        """Draw a line between two places, of a width in cells."""
        self.draw.line([self.point(*start), self.point(*end)], color, max(1, round(width * self.unit)))

    def draw_grid(self, board: Board, height: int, width: int) -> None:
        """Draw the board without stones."""
        corners = [self.point(-0.5, -0.5), self.point(height - 0.5, width - 0.5)]
        self.draw.rectangle([*corners[0], *corners[1]], self.palette.board)
        if board.style == "holes":
            return
        shift = 0 if board.style == "points" else 0.5
        count = 0 if board.style == "points" else 1
        for row in range(height + count):
            self.draw_line((row - shift, -shift), (row - shift, width - 1 + shift), self.palette.line, 0.03)
        for column in range(width + count):
            self.draw_line((-shift, column - shift), (height - 1 + shift, column - shift), self.palette.line, 0.03)
        if board.style == "points":
            for row, column in star_points(height, width):
                self.draw.ellipse(self.box(row, column, 0.09), self.palette.line)

    def draw_stone(self, style: str, row: int, column: int, value: int) -> None:
        """Draw a stone, or the hole of an empty cell."""
        color = (self.palette.empty, self.palette.first, self.palette.second)[value]
        if style == "signs" and value == 1:
            for sign in (-1, 1):
                self.draw_line((row - 0.27, column - 0.27 * sign), (row + 0.27, column + 0.27 * sign), color, 0.1)
        elif style == "signs":
            self.draw.ellipse(self.box(row, column, 0.31), outline=color, width=round(0.1 * self.unit))
        else:
            radius = 0.47 if style == "points" else 0.42
            self.draw.ellipse(self.box(row, column, radius), color, self.palette.line, max(1, round(0.02 * self.unit)))

    def draw_ring(self, row: int, column: int) -> None:
        """Mark the last stone."""
        self.draw.ellipse(self.box(row, column, 0.47), outline=self.palette.ring, width=round(0.07 * self.unit))

    def draw_share(self, row: int, column: int, share: Real) -> None:
        """Draw the share of an action as a disk, the larger the share the larger, with its percentage."""
        self.draw.ellipse(self.box(row, column, 0.24 + 0.22 * share), VISITS)
        font = ImageFont.load_default(0.36 * self.unit)
        self.draw.text(self.point(row, column), f"{100 * share:.0f}", VISITS_TEXT, font, anchor="mm")

    def draw_label(self, text: str, row: Real, column: Real) -> None:
        """Write the label of a row or a column."""
        self.draw.text(self.point(row, column), text, LABEL, ImageFont.load_default(0.36 * self.unit), anchor="mm")


def star_points(height: int, width: int) -> list[tuple[int, int]]:
    """Return the marked points of a board for Go: corners, and from 9 x 9 the center, from 15 x 15 the edges."""
    if height != width or height < 7:
        return []
    near, middle = (3 if height >= 13 else 2), height // 2
    lines = [near, height - 1 - near]
    points = [(row, column) for row in lines for column in lines]
    if height % 2 and height >= 9:
        points.append((middle, middle))
    if height % 2 and height >= 15:
        points += [(middle, column) for column in lines] + [(row, middle) for row in lines]
    return points
