"""Drawings of solids: near voxels cover far ones, and every direction is drawn on its side."""

import numpy as np
import pytest

from axone.tasks.shapes.drawings import draw_solid


def is_drawn(pixels):
    return (pixels.astype(int) < 250).any(-1)


def test_an_empty_solid_is_a_white_image():
    assert not is_drawn(draw_solid(np.zeros((8, 8, 8), dtype=bool))).any()


def test_each_direction_has_its_place_in_the_drawing():
    def center(z, y, x):
        solid = np.zeros((9, 9, 9), dtype=bool)
        solid[z, y, x] = True
        pixels = draw_solid(solid, 180).astype(int)
        colored = np.argwhere(np.ptp(pixels, axis=2) > 30)
        return colored.mean(0)

    here = center(4, 4, 4)
    assert center(7, 4, 4)[0] < here[0] - 5 and center(7, 4, 4)[1] == pytest.approx(here[1], abs=1.5)
    assert center(4, 4, 7)[1] > here[1] + 5 and center(4, 4, 7)[0] > here[0]  # right, and nearer
    assert center(4, 7, 4)[1] > here[1] + 5 and center(4, 7, 4)[0] < here[0]  # back


def test_hidden_voxels_change_nothing_and_voxels_in_front_do():
    wall = np.zeros((8, 8, 8), dtype=bool)
    wall[:, 0] = True  # at the front
    with_hidden = wall.copy()
    with_hidden[1, 4, 1] = True  # low, left of the center: the wall is in front of it
    colored = np.ptp(draw_solid(wall).astype(int), axis=2) > 30
    inner = colored.copy()  # away from the edges, where the shadow on the floor is visible
    for axis in (0, 1):
        inner &= np.roll(colored, 6, axis) & np.roll(colored, -6, axis)
    assert inner.any() and np.array_equal(draw_solid(wall)[inner], draw_solid(with_hidden)[inner])
    back_wall = np.zeros((8, 8, 8), dtype=bool)
    back_wall[:, 7] = True
    with_block = back_wall.copy()
    with_block[3, 4, 4] = True
    assert not np.array_equal(draw_solid(back_wall), draw_solid(with_block))


@pytest.mark.parametrize("side", [16, 32, 64])
def test_a_full_cube_fits_into_the_image(side):
    pixels = draw_solid(np.ones((side, side, side), dtype=bool), 120)
    assert pixels.shape == (120, 120, 3) and pixels.dtype == np.uint8
    colored = np.ptp(pixels.astype(int), axis=2) > 30
    assert not colored[[0, -1]].any() and not colored[:, [0, -1]].any()
    assert 0.4 < colored.mean() < 0.95


def test_classes_have_different_colors():
    cube = np.ones((6, 6, 6), dtype=bool)
    assert not np.array_equal(draw_solid(cube, color=0), draw_solid(cube, color=1))
