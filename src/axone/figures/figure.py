"""Figures and tables that a system makes at each check: images, drawings, small tables.

A system makes a `Figure` or a `Table`; the recorder stores it in the run's folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from axone.figures import html
from axone.figures.animation import Animation
from axone.figures.encode import encode_png as encode_png
from axone.numbers import format_number, is_number


@dataclass(frozen=True)
class Figure:
    """An image with its title and caption: `image` is a Pillow image, the text of an SVG drawing, or an animation."""

    name: str  # of the file, the same at each epoch
    title: str
    image: Image.Image | str | Animation
    caption: str = ""

    def _repr_html_(self) -> str:
        """Return the display in a notebook: the title, the image and the caption."""
        return html.join_parts(
            html.write_title(self.title), html.embed_image(self.image, self.title), html.write_note(self.caption)
        )


@dataclass(frozen=True)
class Table:
    """A small table: column titles, and rows of numbers and texts."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def _repr_html_(self) -> str:
        """Return the display in a notebook: the title and the rows."""
        rows = [[write_cell(value) for value in row] for row in self.rows]
        return html.join_parts(html.write_title(self.title), html.write_table(self.columns, rows))


def write_cell(value: Any) -> str:
    """Return a cell of a table as text: a number in the language of the messages, nothing for None."""
    if value is None:
        return ""
    return format_number(value) if is_number(value) else str(value)
