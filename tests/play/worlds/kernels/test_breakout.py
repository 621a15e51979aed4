"""Breakout's kernels: the same bits as tensor operations."""

import pytest

from axone.play.worlds.breakout import Breakout
from tests.helpers.worlds import compare_bodies

pytest.importorskip("numba")


@pytest.mark.parametrize("sticky", [0.0, 0.1])
def test_both_bodies_compute_the_same_bits(sticky):
    assert compare_bodies(Breakout(sticky, max_steps=20)) > 64
