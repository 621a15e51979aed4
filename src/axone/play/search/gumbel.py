"""Gumbel search: sequential halving with Gumbel noise at the root, and no noise below.

Danihelka et al. 2022, "Policy improvement by planning with Gumbel", ICLR (https://openreview.net/forum?id=bERaNdoegnO).
The policy that it returns is better than the prior already with very few simulations. Settings and details are those
of mctx.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, inf, log2

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.play.search.rule import Decision, Rule, Selection, draw_keys, gumbel_noise
from axone.play.search.tree import Tree, softmax

TINY = torch.finfo(torch.float32).tiny  # the smallest prior, so that what was visited has a mean
LOWEST = -1e9  # a score of a considered action is at least this much: it is selected if no other one is considered


@dataclass(frozen=True)
class Gumbel(Rule):
    """At the root, halve the considered actions by the score noise + logits + q; below, follow softmax(logits + q).

    q is the completed and scaled estimate of each action: value_scale * (maxvisit_init + the most visits of an action)
    * estimate, where actions that were not visited have the mixed value of the paper's appendix D. The target for a
    network's policy is softmax(logits + q).

    Args:
        considered: How many actions are considered at the root.
        scale: The factor of the Gumbel noise: 1 where a network learns from the search, 0 when strength is measured.
        maxvisit_init: The scale of q without visits.
        value_scale: The factor of q.
        rescale: Whether estimates are rescaled to [0, 1] by the smallest and the largest of the node.
    """

    considered: int = 16
    scale: float = 1.0
    maxvisit_init: float = 50.0
    value_scale: float = 0.1
    rescale: bool = True

    def begin(
        self, tree: Tree, budgets: Int64[Tensor, " trees"], keys: Int64[Tensor, " trees"] | None
    ) -> GumbelSelection:
        """Return the rule at work, with the noise and the visits at which actions are considered."""
        if keys is None and self.scale > 0:
            raise ValueError("Gumbel noise needs keys and counters: pass them, or set the scale to 0")
        noise = torch.zeros_like(tree.logits[tree.roots])
        if keys is not None and self.scale > 0:
            noise = self.scale * gumbel_noise(draw_keys(keys, 0), tree.actions)
        considered = (tree.logits[tree.roots] > -inf).sum(1).clamp(max=self.considered)
        pairs, groups = torch.stack((budgets, considered), 1).unique(dim=0, return_inverse=True)
        length = int(budgets.max()) + 1 if len(budgets) else 1
        table = torch.zeros(len(pairs), length, device=noise.device)
        # There are few pairs: budgets, and numbers of legal actions up to `considered`, that differ.
        for place, (budget, count) in enumerate(pairs.tolist()):
            table[place, :budget] = torch.tensor(considered_visits(count, budget), dtype=table.dtype)
        return GumbelSelection(self, tree, noise, table[groups])


@cache
def considered_visits(considered: int, simulations: int) -> tuple[int, ...]:
    """Return, for each simulation, how many visits the actions have that it may follow from the root.

    This is sequential halving (Karnin et al. 2013, "Almost optimal exploration in multi-armed bandits"): log2 rounds
    with about the same number of simulations, each of which the better half of the actions survives. Selecting the best
    action among those with as many visits leads to these rounds.

    Args:
        considered: How many actions are considered at first.
        simulations: How many simulations there are.
    """
    if considered <= 1:
        return tuple(range(simulations))
    rounds = ceil(log2(considered))
    sequence: list[int] = []
    first, count = 0, considered  # all actions of this round have been visited `first` times
    while len(sequence) < simulations:
        repeats = max(1, simulations // (rounds * count))
        for visits in range(first, first + repeats):
            sequence += [visits] * count
        first, count = first + repeats, max(2, count // 2)
    return tuple(sequence[:simulations])


class GumbelSelection(Selection):
    """`Gumbel` at work on the trees of one search."""

    def __init__(
        self,
        rule: Gumbel,
        tree: Tree,
        noise: Float[Tensor, "trees actions"],
        considered: Float[Tensor, "trees simulations"],
    ) -> None:
        """Hold the trees, the noise at their roots and the visits at which actions are considered."""
        self.rule, self.tree, self.noise, self.considered = rule, tree, noise, considered
        # Sequential halving counts the visits of this search; those of a reused subtree are in the estimates only.
        self.earlier_visits = tree.edge_visits(tree.roots)

    def choose(self, rows: Int64[Tensor, " chosen"]) -> Int64[Tensor, " chosen"]:
        """Return the action whose share of the visits is furthest below the improved policy, softmax(logits + q).

        An action that is not legal has a share of 0 in both, and is not the furthest below.
        """
        visits = self.tree.edge_visits(rows)
        improved = softmax(self.tree.logits.index_select(0, rows) + self.complete_values(rows, visits))
        return (improved - visits / (1 + visits.sum(1, keepdim=True))).max(1).indices

    def choose_root(self) -> Int64[Tensor, " trees"]:
        """Return the best action among those with the number of visits that this simulation considers."""
        visits = self.tree.edge_visits(self.tree.roots) - self.earlier_visits
        simulation = visits.sum(1, keepdim=True).long().clamp(max=self.considered.shape[1] - 1)
        return self.choose_considered(visits, self.considered.gather(1, simulation))

    def choose_considered(
        self, visits: Float[Tensor, "trees actions"], considered: Float[Tensor, "trees 1"]
    ) -> Int64[Tensor, " trees"]:
        """Return the legal action with the best score among those with a number of visits."""
        roots = self.tree.roots
        logits = self.tree.logits[roots]
        estimates = self.complete_values(roots, self.tree.edge_visits(roots))
        scores = self.noise + logits - logits.amax(1, keepdim=True) + estimates
        scores = scores.clamp(min=LOWEST).masked_fill((visits != considered) | (logits == -inf), -inf)
        return scores.argmax(1)

    def complete_values(
        self, rows: Int64[Tensor, " chosen"], visits: Float[Tensor, "chosen actions"]
    ) -> Float[Tensor, "chosen actions"]:
        """Return q: the completed estimates of the edges of some rows, on the scale of logits.

        Args:
            rows: The rows.
            visits: The visits of their edges.
        """
        tree, rule = self.tree, self.rule
        values = tree.edge_sums(rows) / visits.clamp(min=1)  # 0 where not visited
        is_visited = (visits > 0).float()
        # The mixed value: the raw value and the mean of the estimates under the prior policy, weighted by the visits.
        priors = tree.priors.index_select(0, rows).clamp_(min=TINY).mul_(is_visited)
        mean = (priors * values).sum(1, keepdim=True) / priors.sum(1, keepdim=True).clamp_(min=TINY)
        total = visits.sum(1, keepdim=True)
        mixed = (tree.raw_values[rows][:, None] + total * mean) / (total + 1)
        completed = torch.addcmul(values, 1 - is_visited, mixed)
        if rule.rescale:
            lowest, highest = completed.amin(1, keepdim=True), completed.amax(1, keepdim=True)
            completed = (completed - lowest) / (highest - lowest).clamp_(min=1e-8)
        return (rule.maxvisit_init + visits.amax(1, keepdim=True)) * rule.value_scale * completed

    def decide(self) -> Decision:
        """Return the best of the most visited actions, and softmax(logits + q)."""
        roots, visits = self.tree.roots, self.tree.edge_visits(self.tree.roots)
        new_visits = visits - self.earlier_visits
        actions = self.choose_considered(new_visits, new_visits.amax(1, keepdim=True))
        policy = softmax(self.tree.logits[roots] + self.complete_values(roots, visits)).nan_to_num()
        return Decision(actions, policy)
