"""Normalization of images: the formula, the function and the module alike, and export."""

import pytest
import torch

from axone.data.images.normalize import MINUS_ONE_TO_ONE, Normalize, normalize, to_unit_range

PIXELS = torch.arange(5 * 4 * 3 * 2, dtype=torch.uint8).reshape(5, 4, 3, 2)


def test_each_channel_is_scaled_by_its_own_mean_and_standard_deviation():
    expected = (PIXELS.double() / 255 - torch.tensor([0.1, 0.4])) / torch.tensor([0.5, 0.2])
    result = normalize(PIXELS, (0.1, 0.4), (0.5, 0.2))
    assert result.dtype == torch.float32 and result.shape == (5, 2, 4, 3)
    assert torch.allclose(result.double(), expected.permute(0, 3, 1, 2), atol=1e-6)
    assert result.is_contiguous(memory_format=torch.channels_last)


def test_one_mean_and_standard_deviation_serve_all_channels():
    assert torch.equal(normalize(PIXELS, (0.3,), (0.7,)), normalize(PIXELS, (0.3, 0.3), (0.7, 0.7)))


@pytest.mark.parametrize(("mean", "std"), [((0.1, 0.4), (0.5, 0.2)), ((0.3,), (0.7,))])
def test_the_module_computes_the_same_bits_and_is_no_part_of_the_weights(mean, std):
    module = Normalize((4, 3, 2), mean, std)
    assert torch.equal(module(PIXELS), normalize(PIXELS, mean, std)) and not module.state_dict()


def test_the_module_is_exported_with_a_dynamic_batch():
    module = Normalize((4, 3, 2), (0.1, 0.4), (0.5, 0.2))
    program = torch.export.export(module, (PIXELS[:2],), dynamic_shapes=({0: torch.export.Dim("batch")},))
    assert torch.equal(program.module()(PIXELS), module(PIXELS))


def test_to_unit_range_inverts_the_normalization_to_minus_one_to_one():
    pixels = torch.arange(256, dtype=torch.uint8).reshape(1, 16, 16, 1)
    normalized = normalize(pixels, *MINUS_ONE_TO_ONE)
    assert normalized.min() == -1 and normalized.max() == pytest.approx(1)
    assert torch.allclose(to_unit_range(normalized)[0, 0], pixels[0, :, :, 0] / 255, atol=1e-6)
