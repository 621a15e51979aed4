"""The distance between the patches of two sets of images: nearly 0 for one distribution, larger for different ones."""

import pytest
import torch

from axone.data.images.edges import detect_edges
from axone.data.images.load import load_images
from axone.tasks.translation.metrics import patch_distance


def to_images(pixels):
    return pixels.movedim(-1, 1).float() / 127.5 - 1


@pytest.fixture(scope="module")
def garments():
    return load_images().test.pixels[:600]


def test_halves_of_one_set_are_near_and_edges_are_far(garments):
    one, other = to_images(garments[:300]), to_images(garments[300:])
    near = patch_distance(one, other)
    assert patch_distance(one, one) == 0
    assert near < 0.25 * patch_distance(to_images(detect_edges(garments[:300])), other)
    assert near < 0.25 * patch_distance(one.flip(2), -other)


def test_the_number_of_images_has_little_effect(garments):
    one, other = to_images(garments[:100]), to_images(detect_edges(garments))
    assert patch_distance(one, other).item() == pytest.approx(patch_distance(one, other[:150]).item(), rel=0.2)


def test_a_shift_of_all_values_is_measured_in_their_unit():
    flat = torch.zeros(4, 1, 14, 14)
    distance = patch_distance(flat, flat + 0.5)
    # Directions have length 1 in 49 dimensions: a shift of all pixels by s moves projections by s * |sum of direction|,
    # whose mean over directions is s * sqrt(2 / pi).
    assert distance.item() == pytest.approx(0.5 * (2 / torch.pi) ** 0.5, rel=0.35)
