"""The random numbers of rules: their distributions."""

import pytest
import torch

from axone.play.random import make_keys
from axone.play.search.rule import dirichlet_noise, gumbel_noise, sample_actions

KEYS = make_keys(0, 4000)[:, None]


@pytest.mark.parametrize("alpha", [0.03, 0.3, 2.0])
def test_dirichlet_noise_has_the_moments_of_the_distribution(alpha):
    legal = torch.ones(4000, 5, dtype=torch.bool)
    legal[:, 3] = False
    noise = dirichlet_noise(KEYS, alpha, legal)
    assert torch.allclose(noise.sum(1), torch.ones(4000)) and (noise[:, 3] == 0).all()
    # Of 4 components: the mean is 1/4, the variance 1/4 * 3/4 / (4 * alpha + 1).
    assert noise[:, legal[0]].mean(0).tolist() == pytest.approx([0.25] * 4, abs=0.025)
    assert float(noise[:, 0].var()) == pytest.approx(0.1875 / (4 * alpha + 1), rel=0.08)


def test_gumbel_noise_has_the_moments_of_the_distribution():
    noise = gumbel_noise(KEYS, 8)
    assert float(noise.mean()) == pytest.approx(0.5772, abs=0.02)  # Euler's constant
    assert float(noise.var()) == pytest.approx(torch.pi**2 / 6, abs=0.06)


def test_a_temperature_sharpens_the_samples():
    policy = torch.tensor([[0.75, 0.25, 0.0]]).expand(4000, 3)
    shares = torch.bincount(sample_actions(policy, 0.5, KEYS), minlength=3) / 4000
    assert shares.tolist() == pytest.approx([0.9, 0.1, 0.0], abs=0.02)  # 0.75 ** 2 to 0.25 ** 2 is 9 to 1
    assert sample_actions(policy, 0.0, None).unique().tolist() == [0]
