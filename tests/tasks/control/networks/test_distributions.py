"""The distributions agree with torch's."""

import torch
from torch.distributions import Categorical as TorchCategorical
from torch.distributions import Independent, Normal

from axone.tasks.control.networks.distributions import Categorical, Gaussian


def test_choices_agree_with_torch():
    logits = torch.randn(2, 5, 3)
    own, other = Categorical(logits), TorchCategorical(logits=logits)
    actions = torch.randint(3, (2, 5))
    torch.testing.assert_close(own.log_probability(actions), other.log_prob(actions))
    torch.testing.assert_close(own.entropy(), other.entropy())
    assert torch.equal(own.mode(), logits.argmax(-1))
    drawn = Categorical(torch.tensor([0.7, 0.2, 0.1]).log().expand(20_000, 3)).sample()
    torch.testing.assert_close(drawn.bincount() / 20_000, torch.tensor([0.7, 0.2, 0.1]), atol=0.015, rtol=0)


def test_real_numbers_agree_with_torch():
    mean, log_deviation = torch.randn(2, 5, 3), torch.randn(2, 5, 3)
    own, other = Gaussian(mean, log_deviation), Independent(Normal(mean, log_deviation.exp()), 1)
    actions = torch.randn(2, 5, 3)
    torch.testing.assert_close(own.log_probability(actions), other.log_prob(actions))
    torch.testing.assert_close(own.entropy(), other.entropy())
    drawn = Gaussian(torch.full((20_000, 1), 2.0), torch.full((20_000, 1), -1.0)).sample()
    assert abs(float(drawn.mean()) - 2) < 0.02 and abs(float(drawn.std()) - 0.368) < 0.01
