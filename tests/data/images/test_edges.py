"""Outlines: lines where brightness changes, nothing where it does not."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from axone.data.images.edges import FULL, detect_edges


def test_edges_equal_the_sobel_filter_of_scipy():
    pixels = torch.randint(0, 256, (3, 9, 8, 1), dtype=torch.uint8)
    drawn = detect_edges(pixels)
    for image, lines in zip(pixels.numpy(), drawn.numpy(), strict=True):
        bright = image[..., 0] / 255
        change = np.hypot(*(ndimage.sobel(bright, axis, mode="nearest") / 4 for axis in (0, 1)))
        assert np.abs(lines[..., 0] - 255 * np.clip(change / FULL, 0, 1)).max() < 1


@pytest.mark.parametrize("channels", [1, 3])
def test_a_step_is_a_line_and_a_plane_is_nothing(channels):
    pixels = torch.zeros(1, 8, 8, channels, dtype=torch.uint8)
    pixels[:, :, 4:] = 255
    drawn = detect_edges(pixels)
    assert drawn.shape == pixels.shape and (drawn[:, :, 3:5] == 255).all()
    assert not drawn[:, :, :3].any() and not drawn[:, :, 5:].any()
