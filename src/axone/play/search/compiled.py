"""Paths and rules whose work on the trees runs as numba kernels on the CPU, on the memory of the tensors."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.play.compilation import arrays
from axone.play.search import kernels
from axone.play.search.gumbel import LOWEST, GumbelSelection
from axone.play.search.paths import Paths
from axone.play.search.puct import PuctSelection
from axone.play.search.rule import Selection
from axone.play.search.tree import Tree


class CompiledPaths(Paths):
    """The paths of the present simulation, with kernels.

    Args:
        tree: The trees.
    """

    def __init__(self, tree: Tree) -> None:
        """Hold the trees, and memory for the rows of all paths."""
        super().__init__(tree)
        self.rows = tree.parents.clone()  # no path is longer than its tree

    def follow(self, rows: Int64[Tensor, " trees"]) -> Int64[Tensor, " trees"]:
        """Follow the choices from some rows; return the last edges, which lead to new or to terminal nodes."""
        tree, last = self.tree, torch.empty_like(rows)
        starts, choices, children, ends = arrays(rows, tree.choices, tree.children, last)
        kernels.follow(starts, choices, children, tree.end, tree.end_edge, ends)
        return last

    def back_up(self, last: Int64[Tensor, " trees"], returned: Float[Tensor, " trees"]) -> Int64[Tensor, " visited"]:
        """Add to each edge of the paths a visit and what it returned; return the rows of the paths."""
        tree = self.tree
        links = (tree.choices, tree.children, tree.parents, tree.rewards, tree.discounts)
        inputs: list[Any] = [*arrays(last, returned), tree.actions, tree.end_edge]
        count = kernels.back_up(*inputs, *arrays(*links, tree.visits, tree.value_sums, self.rows))
        return self.rows[:count]


class CompiledPuct(PuctSelection):
    """`Puct` at work on the trees of one search, with kernels."""

    def choose(self, rows: Int64[Tensor, " chosen"]) -> Int64[Tensor, " chosen"]:
        """Return the action with the highest score at each row."""
        rule, chosen = self.rule, torch.empty_like(rows)
        low, high = rule.value_range or (0.0, 1.0)
        weights = [float(rule.c), float(rule.base), rule.value_range is not None, float(low), float(high)]
        inputs: list[Any] = [*arrays(rows), *statistics(self.tree), *weights, *arrays(chosen)]
        kernels.choose_puct(*inputs)
        return chosen


class CompiledGumbel(GumbelSelection):
    """`Gumbel` at work on the trees of one search, with kernels."""

    def settings(self) -> tuple[Any, ...]:
        """Return the arguments of the rule, and memory for the estimates of one row."""
        rule = self.rule
        memory = torch.empty(self.tree.actions, dtype=torch.float64)
        return float(rule.maxvisit_init), float(rule.value_scale), rule.rescale, *arrays(memory)

    def choose(self, rows: Int64[Tensor, " chosen"]) -> Int64[Tensor, " chosen"]:
        """Return the action whose share of the visits is furthest below the improved policy."""
        chosen = torch.empty_like(rows)
        inputs: list[Any] = [*arrays(rows), *statistics(self.tree), *self.settings(), *arrays(chosen)]
        kernels.choose_gumbel(*inputs)
        return chosen

    def choose_root(self) -> Int64[Tensor, " trees"]:
        """Return the best action among those with the number of visits that this simulation considers."""
        tree, chosen = self.tree, torch.empty_like(self.tree.roots)
        inputs: list[Any] = [*arrays(tree.roots), *statistics(tree), *self.settings()]
        inputs += [*arrays(self.noise, self.considered, self.earlier_visits), LOWEST, *arrays(chosen)]
        kernels.choose_gumbel_root(*inputs)
        return chosen


def compile_selection(selection: Selection) -> Selection:
    """Return a rule at work with kernels; a rule that has none is returned as it is."""
    if type(selection) is PuctSelection:
        return CompiledPuct(selection.rule, selection.tree, selection.keys)
    if type(selection) is GumbelSelection:
        return CompiledGumbel(selection.rule, selection.tree, selection.noise, selection.considered)
    return selection


def statistics(tree: Tree) -> list[Any]:
    """Return the arrays from which rules compute their scores."""
    return arrays(tree.visits, tree.value_sums, tree.logits, tree.priors, tree.raw_values)
