from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from axone.figures.figure import confusion, contact_sheet, kernels


def colors(image):
    return {color for _count, color in image.getcolors(maxcolors=1 << 24)}


def test_contact_sheet_keeps_pixels_crisp():
    images = np.zeros((3, 2, 2, 3), np.uint8)
    images[:, 0, 0] = (255, 0, 0)
    images[:, 1, 1] = (0, 255, 0)
    sheet = contact_sheet(images, columns=3)
    assert colors(sheet) == {(255, 0, 0), (0, 255, 0), (0, 0, 0), (255, 255, 255), (222, 225, 230)}
    assert sheet.width > sheet.height


def test_contact_sheet_writes_captions_below():
    images = np.zeros((5, 28, 28, 1), np.uint8)
    plain, told = contact_sheet(images, columns=5), contact_sheet(images, ["Shirt\n→ Coat 90 %"] * 5, columns=5)
    assert told.width > plain.width and told.height > plain.height + 30  # captions need room, a wall has none


@pytest.mark.parametrize("caption", ["", "x" * 1000, "a\0b\x1b[31m", "\u202eevil", "日本 é Ж →", "\n\n\n", "a b " * 50])
def test_any_caption_can_be_drawn(caption):
    contact_sheet(np.zeros((1, 8, 8, 1), np.uint8), [caption])
    confusion(np.eye(2, dtype=np.int64), [caption, "$x_{1}$ \\frac"])


def test_odd_numbers_of_things():
    assert contact_sheet(np.zeros((0, 8, 8, 1), np.uint8)).width
    assert contact_sheet(np.zeros((1, 300, 200, 3), np.uint8), columns=9).height >= 300
    assert kernels(np.zeros((1, 1, 1, 1), np.float32)).width
    assert kernels(np.zeros((0, 1, 3, 3), np.float32)).width
    assert kernels(np.full((7, 20, 3, 3), np.nan, np.float32)).width


def test_kernels_are_blue_below_zero_red_above_white_at_zero():
    weights = np.zeros((3, 1, 1, 1), np.float32)
    weights[:, 0, 0, 0] = (-2.0, 0.0, 2.0)
    image = kernels(weights)
    found = colors(image.crop((0, 0, image.width, image.height - 60)))  # without the scale
    assert {(5, 48, 97), (247, 247, 247), (103, 0, 31)} <= found


def test_confusion_has_true_classes_on_rows():
    counts = np.zeros((2, 2), np.int64)
    counts[0, 1] = 9  # true 0, predicted 1: the upper right corner is dark
    counts[1, 1] = 9
    image = np.asarray(confusion(counts, ["a", "b"]).convert("L"), dtype=int)
    dark = np.argwhere(image < 80)
    middle = image.shape[0] // 2
    grid = image[: int(image.shape[0] * 0.75), int(image.shape[1] * 0.2) : int(image.shape[1] * 0.75)]
    upper, lower = grid[: len(grid) // 2], grid[len(grid) // 2 :]
    half = grid.shape[1] // 2
    assert len(dark) and middle
    assert upper[:, half:].mean() < 120 < upper[:, :half].mean()
    assert lower[:, half:].mean() < 160


def test_confusion_of_many_classes_is_still_one_picture():
    image = confusion(np.eye(120, dtype=np.int64), [f"class {number}" for number in range(120)])
    assert max(image.size) < 2500


def test_sheets_are_drawn_without_matplotlib():
    code = """
import sys, numpy as np
from axone.figures.figure import contact_sheet, kernels
contact_sheet(np.zeros((2, 8, 8, 1), np.uint8), ["a", "b"])
kernels(np.ones((2, 1, 3, 3), np.float32))
assert "matplotlib" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
