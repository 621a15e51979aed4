"""Running mean and variance are those of all samples together."""

import torch

from axone.tasks.control.networks.moments import RewardScale, RunningMoments


def test_moments_of_parts_are_those_of_the_whole():
    samples = torch.randn(2, 300, 3) * torch.tensor([1.0, 5.0, 0.1]) + 2
    moments = RunningMoments(2, (3,))
    for part in samples.split([100, 150, 50], 1):
        moments.update(part)
    torch.testing.assert_close(moments.mean, samples.mean(1))
    torch.testing.assert_close(moments.variance, samples.var(1, correction=0))
    normalized = moments(samples.view(2, 30, 10, 3)).view(2, 300, 3)
    torch.testing.assert_close(normalized.std(1), torch.ones(2, 3), rtol=0.01, atol=0)


def test_rewards_are_scaled_by_the_deviation_of_their_discounted_sums():
    scale = RewardScale(1, 1, 0.5)
    rewards = torch.tensor([4.0, 8.0, 2.0])[:, None, None]
    ended = torch.tensor([False, True, False])[:, None, None]
    scaled = scale(rewards, ended)
    sums = torch.tensor([4.0, 10.0, 2.0])  # the second episode begins anew
    torch.testing.assert_close(scaled, rewards / sums.std(correction=0))
    assert float(scale.sums) == 2.0
