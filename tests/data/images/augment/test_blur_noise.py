import numpy as np
import pytest
import torch
from scipy import ndimage

from axone.data.images.augment.blur_noise import BlurNoise, blur, degrade
from axone.data.random import make_generator


def floats(count=50, channels=3, height=20, width=17):
    return 255 * torch.rand(count, channels, height, width, generator=make_generator("grain"))


def test_blur_is_scipys_gaussian_away_from_the_border():
    pixels, widths = floats(3), torch.tensor([0.5, 1.0, 1.5])
    blurred = blur(pixels, widths)
    for before, after, width in zip(pixels, blurred, widths.tolist()):
        expected = ndimage.gaussian_filter(before.double().numpy(), width, axes=(1, 2), truncate=6)
        np.testing.assert_allclose(after[:, 8:-8, 8:-8], expected[:, 8:-8, 8:-8], rtol=1e-3)


def test_blur_preserves_constants_and_a_width_of_0_changes_nothing():
    even = torch.full((2, 1, 9, 9), 77.0)
    assert torch.allclose(blur(even, torch.tensor([0.3, 3.0])), even)
    pixels = floats(2)
    assert torch.allclose(blur(pixels, torch.zeros(2)), pixels, atol=1e-3)


def test_noise_has_its_standard_deviation_and_probability():
    gray = torch.full((400, 1, 16, 16), 128.0)
    noisy = degrade(BlurNoise(noise_probability=0.5, max_noise=0.2))(gray, make_generator(1))
    changed = (noisy != gray).flatten(1).any(1)
    assert 0.4 < changed.float().mean() < 0.6
    spread = noisy[changed].flatten(1).std(1) / (255 * 0.2)
    assert spread.max() < 1.15 and spread.min() < 0.1  # evenly from 0 to 0.2 of the range
    assert spread.mean().item() == pytest.approx(0.5, abs=0.08)
    assert noisy[changed].mean().item() == pytest.approx(128, abs=1)


def test_blur_has_its_probability():
    pixels = floats()
    some = degrade(BlurNoise(blur_probability=0.4, max_blur=0.1))(pixels, make_generator(2))
    assert 0.2 < (some != pixels).flatten(1).any(1).float().mean() < 0.6
    every = degrade(BlurNoise(blur_probability=1.0, max_blur=0.1))(pixels, make_generator(2))
    before, after = pixels.flatten(1).std(1), every.flatten(1).std(1)
    assert (after < before * 1.0001).all() and after.mean() < 0.6 * before.mean()


def test_ranges_of_0_change_nothing():
    pixels = floats()
    before = pixels.clone()
    assert torch.equal(degrade(BlurNoise())(pixels, make_generator(0)), before)
    first = degrade(BlurNoise(blur_probability=0.5, noise_probability=0.5))(pixels, make_generator(0))
    assert torch.equal(
        first, degrade(BlurNoise(blur_probability=0.5, noise_probability=0.5))(pixels, make_generator(0))
    )
    assert torch.equal(pixels, before) and not torch.equal(first, before)
