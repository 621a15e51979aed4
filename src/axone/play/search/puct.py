"""PUCT: the selection of AlphaGo Zero, AlphaZero and MuZero.

Silver et al. 2018, "A general reinforcement learning algorithm that masters chess, shogi, and Go through self-play",
Science 362; the rescaled estimates are those of Schrittwieser et al. 2020, "Mastering Atari, Go, chess and shogi by
planning with a learned model", Nature 588, appendix B.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.play.search.rule import Decision, Rule, Selection, dirichlet_noise, draw_keys, sample_actions
from axone.play.search.tree import Tree


@dataclass(frozen=True)
class Puct(Rule):
    """Follow the largest Q + P * sqrt(N) / (1 + n) * (c + log((N + base + 1) / base)).

    N is the number of visits of the node, n that of the edge, P the prior probability, and Q the estimate of the edge,
    rescaled to [0, 1]. The policy is the share of the visits at the root.

    Args:
        c: The weight of the priors.
        base: How slowly this weight grows with the visits.
        noise_share: The share of Dirichlet noise in the priors of the root; 0: no noise, which is right when strength
            is measured.
        noise_alpha: The concentration of that noise. AlphaZero takes about 10 / the usual number of legal actions.
        temperature: The action is a sample of visits ** (1 / temperature); 0: the most visited one.
        value_range: What Q is rescaled from: in a game from a loss to a win. None, where no range is known: from the
            smallest and largest of the node's value and the estimates of its edges, as in MuZero. An edge that was not
            visited counts as the smallest.
    """

    c: float = 1.25
    base: float = 19652.0
    noise_share: float = 0.25
    noise_alpha: float = 0.3
    temperature: float = 1.0
    value_range: tuple[float, float] | None = (-1.0, 1.0)

    def begin(
        self, tree: Tree, budgets: Int64[Tensor, " trees"], keys: Int64[Tensor, " trees"] | None
    ) -> PuctSelection:
        """Return the rule at work, after adding noise to the priors of the roots."""
        if keys is None and (self.noise_share > 0 or self.temperature > 0):
            raise ValueError("noise or a temperature needs keys and counters: pass them, or set both to 0")
        if keys is not None and self.noise_share > 0:
            legal = tree.logits[tree.roots] > -inf
            noise = dirichlet_noise(draw_keys(keys, 0), self.noise_alpha, legal)
            tree.priors[tree.roots] = torch.lerp(tree.priors[tree.roots], noise, self.noise_share)
        return PuctSelection(self, tree, keys)


class PuctSelection(Selection):
    """`Puct` at work on the trees of one search."""

    def __init__(self, rule: Puct, tree: Tree, keys: Int64[Tensor, " trees"] | None) -> None:
        """Hold the trees and the keys of their random numbers."""
        self.rule, self.tree, self.keys = rule, tree, keys

    def choose(self, rows: Int64[Tensor, " chosen"]) -> Int64[Tensor, " chosen"]:
        """Return the action with the highest score at each row."""
        tree, rule = self.tree, self.rule
        visits = tree.edge_visits(rows)
        node_visits = 1 + visits.sum(1, keepdim=True)
        weight = node_visits.sqrt() * (rule.c + ((node_visits + rule.base + 1) / rule.base).log())
        scores = self.rescale(rows, visits) + weight * tree.priors.index_select(0, rows) / (visits + 1)
        return scores.masked_fill_(tree.logits.index_select(0, rows) == -inf, -inf).max(1).indices

    def rescale(
        self, rows: Int64[Tensor, " chosen"], visits: Float[Tensor, "chosen actions"]
    ) -> Float[Tensor, "chosen actions"]:
        """Return the estimates of the edges of some rows, rescaled to [0, 1].

        Args:
            rows: The rows.
            visits: The visits of their edges.
        """
        sums = self.tree.edge_sums(rows)
        values = sums / visits.clamp(min=1)
        is_new = visits == 0
        if self.rule.value_range is not None:
            low, high = self.rule.value_range
            return ((values - low) / (high - low)).masked_fill_(is_new, 0.0)
        node = (self.tree.raw_values[rows] + sums.sum(1)) / (1 + visits.sum(1))
        lowest = torch.minimum(node, values.masked_fill(is_new, inf).amin(1))[:, None]
        highest = torch.maximum(node, values.masked_fill(is_new, -inf).amax(1))[:, None]
        return ((values - lowest) / (highest - lowest).clamp_(min=1e-8)).masked_fill_(is_new, 0.0)

    def choose_root(self) -> Int64[Tensor, " trees"]:
        """Return the action with the highest score at each root: the rule is the same there."""
        return self.choose(self.tree.roots)

    def decide(self) -> Decision:
        """Return the share of the visits, and a sample of them; of a tree without visits, the priors."""
        visits = self.tree.edge_visits(self.tree.roots)
        sums = visits.sum(1, keepdim=True)
        policy = torch.where(sums > 0, visits / sums.clamp(min=1), self.tree.priors[self.tree.roots])
        keys = None if self.keys is None else draw_keys(self.keys, 1)
        return Decision(sample_actions(policy, self.rule.temperature, keys), policy)
