"""What a rule of selection is, and the random numbers that rules draw."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.play.random import random_bits, uniform
from axone.play.search.tree import Tree


class Decision(NamedTuple):
    """What a search leads to.

    Args:
        actions: The action to play.
        policy: The target for the policy of a network; 0 where an action is not legal.
    """

    actions: Int64[Tensor, " trees"]
    policy: Float[Tensor, "trees actions"]


class Selection(ABC):
    """A rule at work on the trees of one search."""

    @abstractmethod
    def choose(self, rows: Int64[Tensor, " chosen"]) -> Int64[Tensor, " chosen"]:
        """Return the action that the next simulation follows from each of these rows, which are no roots."""

    @abstractmethod
    def choose_root(self) -> Int64[Tensor, " trees"]:
        """Return the action that the next simulation follows from each root."""

    @abstractmethod
    def decide(self) -> Decision:
        """Return what to play when all simulations are done."""


class Rule(ABC):
    """The settings of a rule by which a search selects actions."""

    @abstractmethod
    def begin(self, tree: Tree, budgets: Int64[Tensor, " trees"], keys: Int64[Tensor, " trees"] | None) -> Selection:
        """Return the rule at work on trees.

        Args:
            tree: The trees, whose roots have been evaluated. A rule may add noise to the priors of the roots.
            budgets: How many simulations each tree is going to have.
            keys: A key of random numbers for each tree, of which all counters are free. None: there is no noise.

        Raises:
            ValueError: The rule draws random numbers, and there are no keys.
        """


def draw_keys(keys: Int64[Tensor, " trees"], stream: int) -> Int64[Tensor, "trees 1"]:
    """Return a key for each tree for one of the purposes of a search, such as the noise at the root."""
    return random_bits(keys, torch.full_like(keys, stream))[:, None]


def gumbel_noise(keys: Int64[Tensor, "trees 1"], actions: int) -> Float[Tensor, "trees actions"]:
    """Return numbers with the standard Gumbel distribution: the largest of logits + noise is a sample of softmax."""
    numbers = uniform(keys, torch.arange(actions, device=keys.device))
    return -(-numbers.clamp(min=1e-300).log()).log().float()


def dirichlet_noise(
    keys: Int64[Tensor, "trees 1"], alpha: float, legal: Bool[Tensor, "trees actions"]
) -> Float[Tensor, "trees actions"]:
    """Return a sample of a symmetric Dirichlet distribution over the legal actions of each tree; elsewhere 0.

    Gamma variates are drawn by the method of Marsaglia and Tsang (2000, "A simple method for generating gamma
    variables"), for alpha + 1, and multiplied by U ** (1 / alpha). Logarithms are used throughout, because with a small
    alpha most variates are smaller than any float.
    """
    actions = legal.shape[1]
    places = torch.arange(actions, device=keys.device)
    d = alpha + 2 / 3
    log_gamma = torch.zeros(legal.shape, dtype=torch.float64, device=keys.device)
    is_missing = legal.clone()
    counter = 1  # counter 0 is that of the last factor
    while is_missing.any():
        first, second, third = (uniform(keys, places + (counter + i) * actions) for i in range(3))
        normal = (-2 * first.clamp(min=1e-300).log()).sqrt() * (2 * torch.pi * second).cos()
        v = (1 + normal / (9 * d) ** 0.5) ** 3
        log_v = v.clamp(min=1e-300).log()
        is_accepted = (v > 0) & (third.clamp(min=1e-300).log() < 0.5 * normal**2 + d * (1 - v + log_v))
        log_gamma = torch.where(is_missing & is_accepted, log_v, log_gamma)
        is_missing = is_missing & ~is_accepted
        counter += 3
    log_gamma = log_gamma + uniform(keys, places).clamp(min=1e-300).log() / alpha
    return log_gamma.masked_fill(~legal, -torch.inf).softmax(1).nan_to_num().float()


def sample_actions(
    policy: Float[Tensor, "trees actions"], temperature: float, keys: Int64[Tensor, "trees 1"] | None
) -> Int64[Tensor, " trees"]:
    """Return a sample of policy ** (1 / temperature) for each tree, normalized; the largest with a temperature of 0.

    Raises:
        ValueError: The temperature is above 0, and there are no keys.
    """
    if temperature == 0:
        return policy.argmax(1)
    if keys is None:
        raise ValueError("a sample needs keys and counters: pass them, or set the temperature to 0")
    return (policy.log() / temperature + gumbel_noise(keys, policy.shape[1])).argmax(1)
