"""PSNR and SSIM against scikit-image, which computes them in its own way."""

import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from axone.data.random import make_generator
from axone.tasks.restoration.metrics import psnr, ssim


def pairs(channels, height=37, width=24):
    generator = make_generator("pictures")
    true = torch.rand(6, channels, height // 4, width // 4, generator=generator)
    true = torch.nn.functional.interpolate(true, (height, width), mode="bilinear")
    noise = (
        torch.randn(true.shape, generator=generator)
        * torch.tensor([0.01, 0.05, 0.1, 0.2, 0.3, 0.5])[:, None, None, None]
    )
    return (true + noise).clamp(0, 1), true


@pytest.mark.parametrize("channels", [1, 3])
def test_psnr_is_that_of_scikit_image(channels):
    restored, true = pairs(channels)
    expected = [peak_signal_noise_ratio(t.numpy(), r.numpy(), data_range=1) for r, t in zip(restored, true)]
    assert psnr(restored, true).tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("channels", [1, 3])
def test_ssim_is_that_of_scikit_image(channels):
    restored, true = pairs(channels)
    expected = [
        structural_similarity(
            t.numpy(), r.numpy(), channel_axis=0, data_range=1,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        )
        for r, t in zip(restored, true)
    ]  # fmt: skip
    assert ssim(restored, true).tolist() == pytest.approx(expected, abs=1e-4)


def test_equal_pictures_are_perfect_and_what_lies_outside_is_cut_off():
    true = pairs(1)[1].round()
    assert psnr(true, true).tolist() == [100] * 6
    assert ssim(true, true).tolist() == pytest.approx([1] * 6)
    assert psnr(true * 3 - 1, true).tolist() == [100] * 6


def test_ssim_refuses_pictures_without_room_for_a_window():
    with pytest.raises(ValueError, match="11 x 11"):
        ssim(torch.zeros(1, 1, 10, 30), torch.zeros(1, 1, 10, 30))
