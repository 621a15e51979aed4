"""Random erasing: rectangles of one color, of the areas that were asked for, everywhere in the image."""

import torch

from axone.data.images.augment.erasing import Erasing, erase_rectangle
from axone.data.random import make_generator

PIXELS = torch.full((600, 40, 30, 3), 255, dtype=torch.uint8)


def erase(ranges, pixels=PIXELS, seed=0):
    return erase_rectangle(ranges)(pixels, make_generator(seed), 0, torch.arange(len(pixels)))


def test_a_rectangle_has_one_color_and_an_area_in_the_range():
    erased = erase(Erasing(probability=0.5))
    gone = (erased != PIXELS).any(3)
    assert 0.4 < gone.flatten(1).any(1).double().mean() < 0.6
    areas = []
    for image, mask in zip(erased, gone):
        if mask.any():
            assert len(image[mask].unique(dim=0)) == 1
            assert mask.sum() == mask.any(0).sum() * mask.any(1).sum()
            areas.append(mask.double().mean().item())
    assert 0.015 < min(areas) < 0.04 and 0.15 < max(areas) < 0.22
    assert gone.any(2).any(0).all() and gone.any(1).any(0).all()  # every row and every column


def test_a_probability_of_0_erases_nothing():
    assert torch.equal(erase(Erasing(probability=0.0)), PIXELS)


def test_a_rectangle_as_large_as_the_image_covers_it():
    assert len(erase(Erasing(probability=1.0, min_area=1.0, max_area=1.0), PIXELS[:1]).unique()) <= 4


def test_the_same_seed_erases_the_same_rectangles_and_leaves_the_input():
    before = PIXELS.clone()
    first = erase(Erasing(probability=0.7))
    assert torch.equal(first, erase(Erasing(probability=0.7))) and torch.equal(PIXELS, before)
    assert not torch.equal(first, erase(Erasing(probability=0.7), seed=1))
