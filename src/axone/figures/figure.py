"""Figures and tables that a system makes at each check: images, drawings, small tables.

A system makes a `Figure` or a `Table`; the recorder stores it in the run's folder.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image


@dataclass(frozen=True)
class Figure:
    """An image with its title and caption: `image` is a Pillow image, or the text of an SVG drawing."""

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


def encode_png(image: Image.Image) -> bytes:
    """Return an image as the content of a PNG file."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
