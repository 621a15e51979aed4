"""How noisy a picture is, and a network that is shown pictures in units of it."""

import pytest
import torch
from torch import nn

from axone.layers.noise_scaled import LEAST, NoiseScaled, noise_level


@pytest.mark.parametrize("level", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_level_of_noise_on_smooth_pictures_is_found(level, channels):
    slope = torch.linspace(0.3, 0.7, 65)[None, None, None].expand(4, channels, 64, 65)
    noisy = slope + level * torch.randn(slope.shape, generator=torch.Generator().manual_seed(1))
    assert noise_level(noisy).tolist() == pytest.approx([level] * 4, rel=0.06)


def test_edges_that_run_up_and_across_are_no_noise():
    pictures = torch.zeros(2, 1, 32, 32)
    pictures[0, :, 9:], pictures[1, :, :, 13:] = 1, 1
    assert noise_level(pictures).tolist() == pytest.approx([LEAST] * 2)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
def test_of_a_single_line_nothing_can_be_said(size):
    assert noise_level(torch.rand(3, 1, *size)).tolist() == pytest.approx([LEAST] * 3)


class Answer(nn.Module):
    """Remembers what it was shown, and answers with ones."""

    def forward(self, shown):
        self.shown = shown
        return torch.ones_like(shown[:, :-1])


def test_pictures_are_shown_in_units_of_their_noise_and_the_answer_is_taken_away_in_the_same():
    pictures, level = torch.rand(2, 3, 8, 8), torch.tensor([0.1, 0.4])
    inner = Answer()
    each = level[:, None, None, None]
    assert torch.allclose(NoiseScaled(inner)(pictures, level), pictures - each)
    assert torch.allclose(inner.shown[:, :-1] * each + 0.5, pictures, atol=1e-6)
    assert torch.equal(inner.shown[:, -1:], each.expand(2, 1, 8, 8))


def test_without_a_level_each_picture_has_its_own():
    generator = torch.Generator().manual_seed(2)
    pictures = 0.5 + torch.tensor([0.05, 0.2])[:, None, None, None] * torch.randn(2, 1, 64, 64, generator=generator)
    answer = NoiseScaled(Answer())
    assert torch.equal(answer(pictures), answer(pictures, noise_level(pictures)))
    assert noise_level(pictures)[1] > 3 * noise_level(pictures)[0]
