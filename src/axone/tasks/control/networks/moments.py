"""Running mean and variance of what is observed, for each member, which normalize the inputs of the networks."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

LIMIT = 10.0  # standard deviations at which a normalized number is clamped
LEAST = 1e-8  # added to a variance


class RunningMoments(nn.Module):
    """The mean and variance of all numbers so far, for each member.

    The moments of a batch are merged with those before by the formula of Chan, Golub and LeVeque 1983, "Algorithms for
    computing the sample variance", The American Statistician 37(3).

    Args:
        members: The number of members.
        shape: The shape of one sample.
    """

    mean: Tensor
    variance: Tensor
    count: Tensor

    def __init__(self, members: int, shape: Sequence[int] = ()) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(members, *shape))
        self.register_buffer("variance", torch.ones(members, *shape))
        self.register_buffer("count", torch.zeros(()))

    @torch.no_grad()
    def update(self, samples: Float[Tensor, "members batch ..."]) -> None:
        """Take samples into account."""
        count, new = self.count, float(samples.shape[1])
        total = count + new
        difference = samples.mean(1) - self.mean
        within = samples.var(1, correction=0)
        self.variance.copy_(
            (self.variance * count + within * new + difference.square() * (count * new / total)) / total
        )
        self.mean.add_(difference * (new / total))
        self.count.fill_(total)

    def forward(self, samples: Float[Tensor, members * batch]) -> Float[Tensor, members * batch]:
        """Return samples with mean 0 and variance 1, clamped to 10 standard deviations; any dimensions may be between
        that of the members and those of a sample.
        """
        between = [1] * (samples.ndim - self.mean.ndim)
        shape = (len(self.mean), *between, *self.mean.shape[1:])
        scale = (self.variance + LEAST).rsqrt()
        return ((samples - self.mean.view(shape)) * scale.view(shape)).clamp(-LIMIT, LIMIT)


class RewardScale(nn.Module):
    """Divides rewards by the running standard deviation of the discounted sum of rewards, for each member.

    Args:
        members: The number of members.
        copies: The copies of the world of each member.
        gamma: The discount of the sum.
    """

    sums: Tensor

    def __init__(self, members: int, copies: int, gamma: float) -> None:
        super().__init__()
        self.gamma = gamma
        self.moments = RunningMoments(members)
        self.register_buffer("sums", torch.zeros(members, copies))

    @torch.no_grad()
    def forward(
        self, rewards: Float[Tensor, "steps members copies"], ended: Bool[Tensor, "steps members copies"]
    ) -> Float[Tensor, "steps members copies"]:
        """Take the rewards of a rollout into account, and return them scaled."""
        sums, each = self.sums, []
        for reward, end in zip(rewards, ended):
            sums = self.gamma * sums + reward
            each.append(sums)
            sums = sums.masked_fill(end, 0.0)
        self.sums.copy_(sums)
        self.moments.update(torch.stack(each, 1).flatten(1))  # [members, steps x copies]
        return rewards * (self.moments.variance + LEAST).rsqrt()[:, None]
