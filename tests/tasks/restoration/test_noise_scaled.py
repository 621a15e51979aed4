"""The estimated noise level of an image, and a network that works in units of it."""

import pytest
import torch
from torch import nn

from axone.tasks.restoration.noise_scaled import MINIMUM_LEVEL, NoiseScaled, estimate_noise_level


@pytest.mark.parametrize("level", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("channels", [1, 3])
def test_level_of_gaussian_noise_on_smooth_images_is_estimated(level, channels):
    smooth = torch.linspace(0.3, 0.7, 65)[None, None, None].expand(4, channels, 64, 65)
    noisy = smooth + level * torch.randn(smooth.shape, generator=torch.Generator().manual_seed(1))
    assert estimate_noise_level(noisy).tolist() == pytest.approx([level] * 4, rel=0.06)


def test_horizontal_and_vertical_edges_are_not_counted_as_noise():
    images = torch.zeros(2, 1, 32, 32)
    images[0, :, 9:], images[1, :, :, 13:] = 1, 1
    assert estimate_noise_level(images).tolist() == pytest.approx([MINIMUM_LEVEL] * 2)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
def test_images_of_a_single_row_or_column_get_the_minimum_level(size):
    assert estimate_noise_level(torch.rand(3, 1, *size)).tolist() == pytest.approx([MINIMUM_LEVEL] * 3)


class Ones(nn.Module):
    """Records its input and returns ones."""

    def forward(self, images):
        self.images = images
        return torch.ones_like(images[:, :-1])


def test_input_and_output_of_the_network_are_in_units_of_the_noise_level():
    images, level = torch.rand(2, 3, 8, 8), torch.tensor([0.1, 0.4])
    inner = Ones()
    scale = level[:, None, None, None]
    assert torch.allclose(NoiseScaled(inner)(images, level), images - scale)
    assert torch.allclose(inner.images[:, :-1] * scale + 0.5, images, atol=1e-6)
    assert torch.equal(inner.images[:, -1:], scale.expand(2, 1, 8, 8))


def test_without_a_level_it_is_estimated_for_each_image():
    generator = torch.Generator().manual_seed(2)
    images = 0.5 + torch.tensor([0.05, 0.2])[:, None, None, None] * torch.randn(2, 1, 64, 64, generator=generator)
    network = NoiseScaled(Ones())
    assert torch.equal(network(images), network(images, estimate_noise_level(images)))
    assert estimate_noise_level(images)[1] > 3 * estimate_noise_level(images)[0]
