"""Tiles leave no seam: they agree with the whole where the network sees no farther than the margin, up to rounding."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from axone.data.random import make_generator
from axone.tasks.restoration.tiling import spans, tiled


@pytest.fixture
def near_sighted():
    """Two convolutions, whose border of zeros spoils what lies up to 4 pixels from it."""
    return nn.Sequential(nn.Conv2d(2, 5, 5, padding=2), nn.ReLU(), nn.Conv2d(5, 2, 5, padding=2)).requires_grad_(False)


class Spread(nn.Module):
    """Repeats each pixel 4 times in both directions."""

    def forward(self, maps):
        return maps.repeat_interleave(4, 1).repeat_interleave(4, 2)


def picture(*size):
    return torch.rand(2, *size, generator=make_generator("picture"))


@pytest.mark.parametrize("size", [(100, 130), (33, 71), (20, 100), (32, 32), (1, 1)])
def test_tiled_equals_whole(near_sighted, size):
    given = picture(*size)
    assert torch.allclose(tiled(near_sighted, given, 32, 16, 1), near_sighted(given), atol=1e-6)


def test_tiles_stand_on_the_grid_of_a_network_that_halves():
    """A mean over squares of 4 x 4, laid out again: equal only where no tile begins between the squares."""
    pooled = nn.Sequential(nn.AvgPool2d(4, ceil_mode=True), Spread())
    given = picture(101, 90)

    def work(tile):
        return pooled(tile)[:, : tile.shape[1], : tile.shape[2]]

    assert torch.allclose(tiled(work, given, 40, 16, 4), work(given), atol=1e-6)
    assert not torch.allclose(tiled(work, given, 39, 16, 1), work(given), atol=1e-2)


def test_a_constant_picture_stays_constant_at_the_seams():
    given = torch.full((3, 70, 90), 0.3)
    found = tiled(lambda tile: 2 * tile, given, 24, 9, 1)
    assert torch.allclose(found, torch.full_like(given, 0.6), atol=1e-6)


def test_tiles_that_disagree_are_blended_smoothly():
    """Each tile says another number; the steps between neighbors stay small all over the picture."""
    said = iter(range(1000))
    found = tiled(lambda tile: torch.full_like(tile, float(next(said) % 2)), picture(64, 200)[:1], 64, 32)
    assert found.diff(dim=2).abs().max() < 0.12 and found.min() == 0 and found.max() == 1


@pytest.mark.parametrize("length", [1, 7, 256, 257, 271, 272, 449, 1000])
def test_tiles_cover_a_line_overlap_enough_and_begin_at_multiples(length):
    found = spans(length, 256, 64, 16)
    assert found[0].start == 0 and found[-1].stop == length
    assert all(before.stop - after.start >= 64 for before, after in pairwise(found))
    assert all(tile.start % 16 == 0 and tile.stop - tile.start < 256 + 16 for tile in found)


@pytest.mark.parametrize("overlap", [0, 241, 300])
def test_an_overlap_that_leaves_no_step_is_refused(overlap):
    with pytest.raises(ValueError, match="overlap"):
        tiled(lambda tile: tile, picture(9, 9), 256, overlap)
