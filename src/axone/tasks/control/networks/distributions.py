"""The probability distributions from which a policy draws: over choices, and over real numbers.

`torch.distributions` has them too; these compute only what a policy needs, in a third of the operations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.play.spaces import Continuous, Discrete


@runtime_checkable
class Distribution(Protocol):
    """What a policy needs of a distribution; the batch may have any shape."""

    def sample(self) -> Tensor:
        """Draw actions, with torch's random numbers."""

    def mode(self) -> Tensor:
        """Return the most probable actions."""

    def log_probability(self, actions: Tensor) -> Float[Tensor, "*batch"]:
        """Return the logarithm of the probability, or of its density, of actions."""

    def entropy(self) -> Float[Tensor, "*batch"]:
        """Return the entropy in nats."""


class Categorical:
    """One of some choices. `logits` are unnormalized logarithms of their probabilities."""

    def __init__(self, logits: Float[Tensor, "*batch choices"]) -> None:
        self.logarithms = logits.log_softmax(-1)

    def sample(self) -> Int64[Tensor, "*batch"]:
        """Draw one choice each: the largest log p + noise of a Gumbel distribution (Maddison et al. 2014)."""
        noise = torch.empty_like(self.logarithms).exponential_()
        return (self.logarithms - noise.log()).argmax(-1)

    def mode(self) -> Int64[Tensor, "*batch"]:
        """Return the most probable choice."""
        return self.logarithms.argmax(-1)

    def log_probability(self, actions: Int64[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
        """Return log p(action)."""
        return self.logarithms.gather(-1, actions[..., None]).squeeze(-1)

    def entropy(self) -> Float[Tensor, "*batch"]:
        """Return -sum p log p."""
        return -(self.logarithms.exp() * self.logarithms).sum(-1)


class Gaussian:
    """Independent real numbers, each with a mean and the logarithm of its standard deviation."""

    def __init__(self, mean: Float[Tensor, "*batch numbers"], log_deviation: Float[Tensor, "*batch numbers"]) -> None:
        self.mean, self.log_deviation = mean, log_deviation

    def sample(self) -> Float[Tensor, "*batch numbers"]:
        """Draw numbers."""
        return self.mean + self.log_deviation.exp() * torch.randn_like(self.mean)

    def mode(self) -> Float[Tensor, "*batch numbers"]:
        """Return the means."""
        return self.mean

    def log_probability(self, actions: Float[Tensor, "*batch numbers"]) -> Float[Tensor, "*batch"]:
        """Return the sum of the log densities of the numbers."""
        distance = (actions - self.mean) * (-self.log_deviation).exp()
        return (-0.5 * (distance.square() + math.log(2 * math.pi)) - self.log_deviation).sum(-1)

    def entropy(self) -> Float[Tensor, "*batch"]:
        """Return the sum of log(standard deviation) + log(2 pi e) / 2."""
        return (self.log_deviation + 0.5 * math.log(2 * math.pi * math.e)).sum(-1).expand(self.mean.shape[:-1])


def make_distribution(
    space: Discrete | Continuous, outputs: Mapping[str, Tensor], log_deviation: Tensor | None
) -> Distribution:
    """Return the distribution of a policy over the actions of a space.

    Args:
        space: The space of one action.
        outputs: What the networks return: "policy" are logits, or means.
        log_deviation: The logarithms of the standard deviations for each member, [members, numbers].
    """
    policy = outputs["policy"]
    if isinstance(space, Discrete):
        return Categorical(policy)
    assert log_deviation is not None
    between = [1] * (policy.ndim - 2)
    return Gaussian(policy, log_deviation.view(len(policy), *between, -1).expand_as(policy))
