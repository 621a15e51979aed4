"""The parts of the display in a notebook: escaped, self-contained, well-formed."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from axone.figures import html
from axone.figures.figure import Figure, Table

VOID = {"img", "br"}


class Reader(HTMLParser):
    """Reads HTML, requires that every element is closed, and lists the elements and their addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        assert not [name for name, _value in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


EVIL = "<script>alert(1)</script>\"' onload=x \x1b[31m"


@pytest.mark.parametrize(
    "text",
    [
        html.write_title(EVIL, EVIL),
        html.write_note(EVIL),
        html.embed_image(Image.new("L", (4, 4)), EVIL, enlarge=True),
        html.embed_image("<svg></svg>", EVIL),
        html.draw_bars([(EVIL, 0.5), ("b", 2.0), ("c", -1.0)]),
        html.write_table([EVIL], [[EVIL]]),
        html.draw_curves([(EVIL, [(1, 2.0), (2, 1.0)])], EVIL),
        Figure("a", EVIL, Image.new("RGB", (400, 300)), EVIL)._repr_html_(),
        Table("a", EVIL, [EVIL, "n"], [[EVIL, 0.5], [None, 1000]])._repr_html_(),
    ],
)
def test_everything_is_escaped_and_nothing_is_fetched(text: str) -> None:
    page = Reader(html.join_parts(text))
    assert "script" not in page.tags
    assert all(address.startswith("data:image/") for address in page.addresses)


def test_bars_are_as_long_as_the_shares() -> None:
    bars = html.draw_bars([("a", 0.25), ("b", 1.5)])
    assert "width:25.0%" in bars and "width:100.0%" in bars


def test_small_images_are_enlarged_and_large_ones_are_not() -> None:
    small, large = (html.embed_image(Image.new("L", (side, side)), "", enlarge=True) for side in (28, 300))
    assert "width:140px" in small and "pixelated" in small and "pixelated" not in large


def test_curves_fill_their_drawing() -> None:
    drawing = html.draw_curves([("training", [(1, 4.0), (2, 2.0)]), ("validation", [(1, 3.0)])], "loss")
    assert "M4.0 4.0L256.0 86.0" in drawing and "validation" not in drawing  # one point is no curve
    assert html.draw_curves([("training", [(1, 4.0)])], "loss") == ""
    assert "nan" not in html.draw_curves([("training", [(1, 4.0), (2, 4.0)])], "loss")


def test_numbers_of_tables_are_written_for_people() -> None:
    words = Reader(Table("a", "A", ["x", "y"], [[0.123456, 12345], [None, np.float64(0.5)]])._repr_html_()).words
    assert words == ["A", "x", "y", "0.1235", "12,345", "0.5"]
