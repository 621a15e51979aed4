"""Every kind of noise has the effect of its level, and the same generator gives the same noise."""

import pytest
import torch

from axone.data.images.restoration.noise import BLUR, KINDS, SQUARE, Noise
from axone.data.random import make_generator

GRAY = torch.full((64, 3, 24, 20), 0.5)


def degrade(kind, level, pixels=GRAY):
    return Noise((kind,), level, level)(pixels, make_generator("test")).pixels


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_generator_gives_the_same_noise_within_black_and_white(kind):
    pixels = torch.rand(8, 1, 17, 13, generator=make_generator("pixels"))
    first, second = (Noise((kind,), 0.0, 1.0)(pixels, make_generator("draw", 1)) for _ in range(2))
    other = Noise((kind,), 0.0, 1.0)(pixels, make_generator("draw", 2))
    assert torch.equal(first.pixels, second.pixels) and torch.equal(first.levels, second.levels)
    assert not torch.equal(first.pixels, other.pixels)
    assert first.pixels.min() >= 0 and first.pixels.max() <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_level_0_leaves_images_as_they_are(kind):
    pixels = torch.rand(4, 3, 12, 12, generator=make_generator("pixels"))
    assert torch.allclose(degrade(kind, 0.0, pixels), pixels, atol=1e-6)


def test_gaussian_noise_has_the_standard_deviation_of_its_level():
    added = degrade("gaussian", 0.1) - 0.5
    assert added.std().item() == pytest.approx(0.1, rel=0.02) and abs(added.mean().item()) < 0.001


def test_speckle_grows_with_the_brightness():
    bright, dark = (degrade("speckle", 0.1, torch.full_like(GRAY, value)) - value for value in (0.6, 0.2))
    assert bright.std().item() == pytest.approx(0.06, rel=0.02)
    assert dark.std().item() == pytest.approx(0.02, rel=0.02)


def test_salt_and_pepper_hit_their_share_of_the_pixels_half_each_in_all_channels():
    noisy = degrade("salt-pepper", 0.3)
    assert (noisy == 0).float().mean().item() == pytest.approx(0.15, abs=0.01)
    assert (noisy == 1).float().mean().item() == pytest.approx(0.15, abs=0.01)
    assert torch.equal(noisy[:, 0], noisy[:, 1]) and torch.equal(noisy[:, 0], noisy[:, 2])


def test_a_mask_hides_its_share_in_whole_squares():
    hidden = degrade("mask", 0.4) == 0
    assert hidden.float().mean().item() == pytest.approx(0.4, abs=0.02)
    squares = hidden[:, :1].unfold(2, SQUARE, SQUARE).unfold(3, SQUARE, SQUARE).flatten(4)
    assert (squares.all(4) | ~squares.any(4)).all()


def test_blur_has_the_width_of_its_level():
    point = torch.zeros(1, 1, 41, 41)
    point[0, 0, 20, 20] = 1
    blurred = degrade("blur", 0.5, point)[0, 0]
    place = torch.arange(41) - 20.0
    assert blurred.sum().item() == pytest.approx(1, abs=1e-4)
    assert (blurred.sum(0) * place**2).sum().sqrt().item() == pytest.approx(BLUR * 0.5, rel=0.01)


def test_each_image_gets_one_of_the_kinds_at_a_level_of_the_range():
    noisy = Noise(("gaussian", "mask"), 0.2, 0.4)(GRAY.repeat(8, 1, 1, 1), make_generator("test"))
    assert noisy.levels.min() >= 0.2 and noisy.levels.max() <= 0.4 and len(noisy.levels.unique()) > 500
    assert 200 < (noisy.kinds == 0).sum() < 312
    masked = noisy.kinds == 1
    untouched_or_black = (noisy.pixels == 0.5) | (noisy.pixels == 0)
    assert untouched_or_black[masked].all() and not untouched_or_black[~masked].flatten(1).all(1).any()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_noise_is_drawn_on_the_device_of_the_images():
    images, noise = torch.full((64, 3, 16, 16), 0.5, device="cuda"), Noise(tuple(KINDS), 0.1, 0.5)
    first, again = (noise(images, make_generator("noise", device=images.device)) for _ in range(2))
    assert {part.device.type for part in first} == {"cuda"} and torch.equal(first.pixels, again.pixels)
    assert set(first.kinds.tolist()) == set(range(len(KINDS))) and not torch.equal(first.pixels, images)
