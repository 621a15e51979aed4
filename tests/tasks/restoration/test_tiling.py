"""Tiles leave no seam: they agree with the whole image where the receptive field is small, up to rounding."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from axone.data.random import make_generator
from axone.tasks.restoration.tiling import apply_tiled, tile_spans


@pytest.fixture
def local_network():
    """Two convolutions, whose zero padding changes pixels up to 4 pixels from the border."""
    return nn.Sequential(nn.Conv2d(2, 5, 5, padding=2), nn.ReLU(), nn.Conv2d(5, 2, 5, padding=2)).requires_grad_(False)


class Enlarge(nn.Module):
    """Repeats each pixel 4 times in both directions."""

    def forward(self, maps):
        return maps.repeat_interleave(4, 1).repeat_interleave(4, 2)


def random_image(*size):
    return torch.rand(2, *size, generator=make_generator("image"))


@pytest.mark.parametrize("size", [(100, 130), (33, 71), (20, 100), (32, 32), (1, 1)])
def test_the_result_of_tiles_is_that_of_the_whole_image(local_network, size):
    image = random_image(*size)
    assert torch.allclose(apply_tiled(local_network, image, 32, 16, 1), local_network(image), atol=1e-6)


def test_tiles_start_on_the_grid_of_a_network_that_halves_its_maps():
    """A mean over squares of 4 x 4, enlarged again: equal only where no tile starts inside a square."""
    pooled = nn.Sequential(nn.AvgPool2d(4, ceil_mode=True), Enlarge())
    image = random_image(101, 90)

    def function(tile):
        return pooled(tile)[:, : tile.shape[1], : tile.shape[2]]

    assert torch.allclose(apply_tiled(function, image, 40, 16, 4), function(image), atol=1e-6)
    assert not torch.allclose(apply_tiled(function, image, 39, 16, 1), function(image), atol=1e-2)


def test_a_constant_image_stays_constant():
    tiled = apply_tiled(lambda tile: 2 * tile, torch.full((3, 70, 90), 0.3), 24, 9, 1)
    assert torch.allclose(tiled, torch.full_like(tiled, 0.6), atol=1e-6)


def test_tiles_that_disagree_are_blended_smoothly():
    """Tiles return 0 and 1 in turn: the steps between neighboring pixels stay small."""
    numbers = iter(range(1000))
    tiled = apply_tiled(lambda tile: torch.full_like(tile, float(next(numbers) % 2)), random_image(64, 200)[:1], 64, 32)
    assert tiled.diff(dim=2).abs().max() < 0.12 and tiled.min() == 0 and tiled.max() == 1


@pytest.mark.parametrize("length", [1, 7, 256, 257, 271, 272, 449, 1000])
def test_tiles_cover_a_side_overlap_enough_and_start_at_multiples(length):
    spans = tile_spans(length, 256, 64, 16)
    assert spans[0].start == 0 and spans[-1].stop == length
    assert all(before.stop - after.start >= 64 for before, after in pairwise(spans))
    assert all(span.start % 16 == 0 and span.stop - span.start < 256 + 16 for span in spans)


@pytest.mark.parametrize("overlap", [0, 241, 300])
def test_an_overlap_that_leaves_no_step_is_refused(overlap):
    with pytest.raises(ValueError, match="overlap"):
        apply_tiled(lambda tile: tile, random_image(9, 9), 256, overlap)
