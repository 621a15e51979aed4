"""Pictures of solids: what is in front covers what is behind, and everything is seen from its own side."""

import numpy as np
import pytest

from axone.tasks.shapes.drawings import rendered


def ink(pixels):
    return (pixels.astype(int) < 250).any(-1)


def test_nothing_is_a_white_picture():
    assert not ink(rendered(np.zeros((8, 8, 8), dtype=bool))).any()


def test_higher_is_higher_right_is_right_and_the_back_is_behind():
    def middle(z, y, x):
        solid = np.zeros((9, 9, 9), dtype=bool)
        solid[z, y, x] = True
        pixels = rendered(solid, 180).astype(int)
        colored = np.argwhere(np.ptp(pixels, axis=2) > 30)
        return colored.mean(0)

    here = middle(4, 4, 4)
    assert middle(7, 4, 4)[0] < here[0] - 5 and middle(7, 4, 4)[1] == pytest.approx(here[1], abs=1.5)
    assert middle(4, 4, 7)[1] > here[1] + 5 and middle(4, 4, 7)[0] > here[0]  # right, and nearer
    assert middle(4, 7, 4)[1] > here[1] + 5 and middle(4, 7, 4)[0] < here[0]  # back


def test_what_is_hidden_changes_nothing_and_what_is_in_front_does():
    wall = np.zeros((8, 8, 8), dtype=bool)
    wall[:, 0] = True  # at the front
    behind = wall.copy()
    behind[1, 4, 1] = True  # low, to the left of its middle: the wall stands before it
    colored = np.ptp(rendered(wall).astype(int), axis=2) > 30
    inner = colored.copy()  # away from the edges, where shadows on the floor shine through
    for axis in (0, 1):
        inner &= np.roll(colored, 6, axis) & np.roll(colored, -6, axis)
    assert inner.any() and np.array_equal(rendered(wall)[inner], rendered(behind)[inner])
    before = np.zeros((8, 8, 8), dtype=bool)
    before[:, 7] = True
    with_block = before.copy()
    with_block[3, 4, 4] = True
    assert not np.array_equal(rendered(before), rendered(with_block))


@pytest.mark.parametrize("side", [16, 32, 64])
def test_a_full_cube_fits_into_the_picture(side):
    pixels = rendered(np.ones((side, side, side), dtype=bool), 120)
    assert pixels.shape == (120, 120, 3) and pixels.dtype == np.uint8
    colored = np.ptp(pixels.astype(int), axis=2) > 30
    assert not colored[[0, -1]].any() and not colored[:, [0, -1]].any()
    assert 0.4 < colored.mean() < 0.95


def test_classes_have_colors():
    cube = np.ones((6, 6, 6), dtype=bool)
    assert not np.array_equal(rendered(cube, color=0), rendered(cube, color=1))
