"""PSNR and SSIM, compared with scikit-image's independent implementation."""

import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from axone.data.random import make_generator
from axone.tasks.restoration.metrics import psnr, ssim


def image_pairs(channels, height=37, width=24):
    generator = make_generator("images")
    clean = torch.rand(6, channels, height // 4, width // 4, generator=generator)
    clean = torch.nn.functional.interpolate(clean, (height, width), mode="bilinear")
    levels = torch.tensor([0.01, 0.05, 0.1, 0.2, 0.3, 0.5])[:, None, None, None]
    noise = torch.randn(clean.shape, generator=generator) * levels
    return (clean + noise).clamp(0, 1), clean


@pytest.mark.parametrize("channels", [1, 3])
def test_psnr_is_that_of_scikit_image(channels):
    restored, clean = image_pairs(channels)
    expected = [peak_signal_noise_ratio(c.numpy(), r.numpy(), data_range=1) for r, c in zip(restored, clean)]
    assert psnr(restored, clean).tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("channels", [1, 3])
def test_ssim_is_that_of_scikit_image(channels):
    restored, clean = image_pairs(channels)
    expected = [
        structural_similarity(
            c.numpy(), r.numpy(), channel_axis=0, data_range=1,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        )
        for r, c in zip(restored, clean)
    ]  # fmt: skip
    assert ssim(restored, clean).tolist() == pytest.approx(expected, abs=1e-4)


def test_equal_images_have_100_db_and_a_similarity_of_1():
    clean = image_pairs(1)[1]
    assert psnr(clean, clean).tolist() == [100] * 6
    assert ssim(clean, clean).tolist() == pytest.approx([1] * 6)


def test_pixels_outside_the_range_are_clamped():
    clean = image_pairs(1)[1].round()
    assert psnr(clean * 3 - 1, clean).tolist() == [100] * 6
    assert ssim(clean * 3 - 1, clean).tolist() == pytest.approx([1] * 6)


def test_ssim_refuses_images_smaller_than_a_window():
    with pytest.raises(ValueError, match="11 x 11"):
        ssim(torch.zeros(1, 1, 10, 30), torch.zeros(1, 1, 10, 30))
