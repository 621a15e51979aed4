from __future__ import annotations

import numpy as np
import pytest

from axone.figures.contact_sheet import draw_contact_sheet


def test_pixels_are_enlarged_without_blur():
    images = np.zeros((3, 2, 2, 3), np.uint8)
    images[:, 0, 0] = (255, 0, 0)
    images[:, 1, 1] = (0, 255, 0)
    sheet = draw_contact_sheet(images, columns=3)
    colors = {color for _count, color in sheet.getcolors(maxcolors=1 << 24)}
    assert colors == {(255, 0, 0), (0, 255, 0), (0, 0, 0), (255, 255, 255), (222, 225, 230)}
    assert sheet.width > sheet.height


def test_captions_take_space_below_the_images():
    images = np.zeros((5, 28, 28, 1), np.uint8)
    without = draw_contact_sheet(images, columns=5)
    captioned = draw_contact_sheet(images, ["Shirt\n→ Coat 90 %"] * 5, columns=5)
    assert captioned.width > without.width and captioned.height > without.height + 30


@pytest.mark.parametrize("caption", ["", "x" * 1000, "a\0b\x1b[31m", "\u202eevil", "日本 é Ж →", "\n\n\n", "a b " * 50])
def test_any_caption_can_be_drawn(caption):
    assert draw_contact_sheet(np.zeros((1, 8, 8, 1), np.uint8), [caption]).height > 8


def test_no_image_and_one_large_image():
    assert draw_contact_sheet(np.zeros((0, 8, 8, 1), np.uint8)).width
    assert draw_contact_sheet(np.zeros((1, 300, 200, 3), np.uint8), columns=9).height >= 300


def test_at_most_four_hundred_images_are_drawn():
    size = draw_contact_sheet(np.zeros((400, 2, 2, 1), np.uint8), columns=20).size
    assert draw_contact_sheet(np.zeros((900, 2, 2, 1), np.uint8), columns=20).size == size
