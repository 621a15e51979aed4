"""Raw images in, restored images out, whatever their channels; the same in an export with a dynamic batch."""

import pytest
import torch
from torch import nn
from torch.export import Dim, export

from axone.settings import resolve
from axone.systems import denoiser
from axone.tasks.restoration.answering import RestorationAnswering, answering
from axone.tasks.restoration.noise_scaled import NoiseScaled


class Halve(nn.Module):
    """Halves its input, and records its shape."""

    def forward(self, images):
        self.shape = tuple(images.shape)
        return images / 2


def random_images(count, channels, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 28, 30, channels), dtype=torch.uint8, generator=generator)


@pytest.mark.parametrize("preset", denoiser.Settings.PRESETS)
@pytest.mark.parametrize(("channels", "image_channels"), [(1, 1), (1, 3), (3, 1)])
def test_every_preset_is_exported_with_a_dynamic_batch(preset, channels, image_channels):
    facts = {"input": [channels, 28, 28]}
    settings = resolve(denoiser.Settings, {"preset": preset, "channels": (4, 4), "blocks": 1})
    module = answering(denoiser.model(settings, facts), settings, facts)
    program = export(module, (random_images(3, image_channels),), dynamic_shapes=({0: Dim("batch")},))
    for count in (2, 5):
        images = random_images(count, image_channels, seed=count)
        torch.testing.assert_close(program.module()(images), module(images))


def test_bytes_and_numbers_get_the_same_answer_with_channels_last():
    module, images = RestorationAnswering(Halve(), 3), random_images(2, 3)
    restored = module(images)
    assert torch.equal(restored, images.float() / 255 / 2)
    assert torch.equal(module(images.float() / 255), restored)


def test_a_gray_network_restores_each_channel_separately():
    module, images = RestorationAnswering(Halve(), 1), random_images(2, 3)
    assert torch.equal(module(images), images.float() / 255 / 2) and module.network.shape == (6, 1, 28, 30)


def test_an_rgb_network_gets_gray_in_three_channels():
    module, images = RestorationAnswering(Halve(), 3), random_images(2, 1)
    torch.testing.assert_close(module(images), images.float() / 255 / 2)
    assert module.network.shape == (2, 3, 28, 30)


def test_restored_pixels_are_clamped():
    assert RestorationAnswering(nn.Threshold(2.0, 3.0), 1)(random_images(1, 1)).max() == 1


def test_the_noise_level_is_that_of_the_whole_image_in_all_views():
    facts = {"input": [1, 28, 28]}
    settings = resolve(denoiser.Settings, {"channels": (4, 4), "blocks": 1, "views": 8})
    network = denoiser.model(settings, facts)
    assert isinstance(network, NoiseScaled)
    module = answering(network, settings, facts)
    pixels = random_images(2, 1).movedim(-1, 1).float() / 255
    levels = module.estimate_levels(pixels)
    assert levels.shape == (2,)
    assert torch.equal(module.restore(pixels, levels).movedim(1, -1).clamp(0, 1), module(random_images(2, 1)))
