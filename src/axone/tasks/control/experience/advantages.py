"""Generalized advantage estimation (Schulman et al. 2016, arXiv:1506.02438)."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def estimate_advantages(
    rewards: Float[Tensor, steps *batch], values: Float[Tensor, steps *batch],
    next_values: Float[Tensor, steps *batch], terminated: Bool[Tensor, steps *episodes],
    ended: Bool[Tensor, steps *episodes], gamma: float, gae: float,
) -> Float[Tensor, steps *batch]:  # fmt: skip
    """Return how much better each action was than the value expected before it (equation 16 of the paper).

        delta(t) = r(t) + gamma V(s(t+1)) - V(s(t))
        A(t)     = delta(t) + gamma lambda A(t+1)        within an episode

    V(s(t+1)) is 0 where an episode terminated, and estimated where a time limit ended it.

    Args:
        rewards: r(t).
        values: V(s(t)).
        next_values: V(s(t+1)).
        terminated: Whether the rules ended the episode after a step; it is broadcast.
        ended: Whether an episode ended after a step, for whichever reason.
        gamma: The discount.
        gae: lambda: 0 trusts the values, 1 the rewards.
    """
    deltas = rewards + gamma * next_values * ~terminated - values
    decay = gamma * gae * ~ended
    advantages = torch.empty_like(deltas)
    following = torch.zeros_like(deltas[0])
    for t in reversed(range(len(deltas))):
        advantages[t] = following = deltas[t] + decay[t] * following
    return advantages
