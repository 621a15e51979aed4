from __future__ import annotations

import numpy as np
import pytest

from axone.figures.kernels import draw_kernel_sheet


def test_weights_are_blue_below_zero_white_at_zero_and_red_above():
    weights = np.zeros((3, 1, 1, 1), np.float32)
    weights[:, 0, 0, 0] = (-2.0, 0.0, 2.0)
    sheet = draw_kernel_sheet(weights)
    grid = sheet.crop((0, 0, sheet.width, sheet.height - 60))  # without the color scale
    colors = {color for _count, color in grid.getcolors(maxcolors=1 << 24)}
    assert {(5, 48, 97), (247, 247, 247), (103, 0, 31)} <= colors


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (0, 1, 3, 3), (7, 20, 3, 3), (500, 1, 2, 2)])
def test_any_number_of_kernels_can_be_drawn(shape):
    assert draw_kernel_sheet(np.ones(shape, np.float32)).width


def test_weights_that_are_not_finite_are_drawn_as_zero():
    weights = np.full((1, 1, 1, 2), np.nan, np.float32)
    weights[..., 1] = 1.0
    sheet = draw_kernel_sheet(weights)
    grid = sheet.crop((0, 0, sheet.width, sheet.height - 60))
    assert {(247, 247, 247), (103, 0, 31)} <= {color for _count, color in grid.getcolors(maxcolors=1 << 24)}
