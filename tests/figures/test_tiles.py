from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from axone.figures.tiles import color_diverging, cut_text, draw_note, enlarge, load_font, printable, wrap_text


def test_the_color_scale_runs_from_blue_through_white_to_red():
    colors = color_diverging(np.array([[-1.0, 0.0, 1.0, 5.0]]))
    assert colors.tolist() == [[[5, 48, 97], [247, 247, 247], [103, 0, 31], [103, 0, 31]]]


@pytest.mark.parametrize("channels", [1, 3])
def test_an_enlarged_pixel_is_a_square_of_one_color(channels):
    pixels = np.arange(4 * channels, dtype=np.uint8).reshape(2, 2, channels) * 20
    image = np.asarray(enlarge(pixels, 5))
    assert image.shape == (10, 10, 3)
    assert np.array_equal(image[::5, ::5], np.broadcast_to(pixels, (2, 2, 3)))
    assert np.array_equal(image, image[::5, ::5].repeat(5, axis=0).repeat(5, axis=1))


def test_captions_are_wrapped_to_two_lines_and_shortened():
    font = load_font(13)
    lines = wrap_text(
        "several words of a caption that is much too long for the tile below which it is printed", font, 100
    )
    assert len(lines) == 2 and lines[1].endswith("…") and all(font.getlength(line) <= 100 for line in lines)
    assert wrap_text("one\ntwo", font, 100) == ["one", "two"] and wrap_text("  ", font, 100) == []
    assert cut_text("short", font, 100) == "short"


def test_characters_that_no_font_can_draw_are_removed():
    assert printable("a\0b\x1b\u202ec\nd") == "abc\nd" and len(printable("x" * 1000)) == 500


def test_a_note_fills_an_empty_sheet():
    assert draw_note("no images").size == (240, 60)


def test_sheets_are_drawn_without_importing_matplotlib():
    code = """
import sys, numpy as np
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.kernels import draw_kernel_sheet
draw_contact_sheet(np.zeros((2, 8, 8, 1), np.uint8), ["a", "b"])
draw_kernel_sheet(np.ones((2, 1, 3, 3), np.float32))
assert "matplotlib" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
