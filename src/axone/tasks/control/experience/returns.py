"""The returns of the greedy policy, in which rewards and estimated values are mixed (Gallici et al. 2025)."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Steps = Float[Tensor, "steps members copies"]


def estimate_returns(
    rewards: Steps, next_values: Steps, terminated: Bool[Tensor, "steps members copies"],
    ended: Bool[Tensor, "steps members copies"], gamma: float, trace: float,
) -> Steps:  # fmt: skip
    """Return the lambda-returns that are the targets of PQN (arXiv:2407.04811, section 3.3).

        R(t) = r(t) + gamma [lambda R(t+1) + (1 - lambda) max_a Q(s(t+1), a)]     within an episode
        R(t) = r(t) + gamma max_a Q(s(t+1), a)                                    at a time limit and at the last step
        R(t) = r(t)                                                               where the episode terminated

    Args:
        rewards: r(t).
        next_values: max_a Q(s(t+1), a).
        terminated: Whether the rules ended the episode after a step.
        ended: Whether an episode ended after a step, for whichever reason.
        gamma: The discount.
        trace: lambda.
    """
    returns = torch.empty_like(rewards)
    following = next_values[-1]
    for t in reversed(range(len(rewards))):
        mixed = torch.where(ended[t], next_values[t], trace * following + (1 - trace) * next_values[t])
        returns[t] = following = rewards[t] + gamma * mixed * ~terminated[t]
    return returns
