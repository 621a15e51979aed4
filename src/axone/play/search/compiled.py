"""Paths and rules whose work on the trees runs as numba kernels on the CPU, on the memory of the tensors."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.play.compilation import arrays
from axone.play.search import path_kernels, rule_kernels
from axone.play.search.gumbel import LOWEST, GumbelSelection
from axone.play.search.interface import Advance
from axone.play.search.paths import Births, Paths
from axone.play.search.puct import PuctSelection
from axone.play.search.rule import Selection
from axone.play.search.tree import Tree, raise_not_finite


class CompiledPaths(Paths):
    """The paths of the present simulation, with kernels.

    Args:
        tree: The trees.
    """

    def __init__(self, tree: Tree) -> None:
        """Hold the trees, their arrays and memory for the rows of all paths."""
        super().__init__(tree)
        self.last = torch.full_like(tree.roots, tree.end_edge)  # the last edge of each path
        self.rows = tree.parents.clone()  # no path is longer than its tree
        self.links = arrays(tree.choices, tree.children, tree.parents, tree.rewards, tree.discounts, tree.terminal)
        self.evaluations = arrays(tree.logits, tree.priors, tree.raw_values)
        self.numbers = tree.actions, tree.end, tree.end_edge

    def follow(self, is_active: Bool[Tensor, " trees"]) -> Births:
        """Follow the choices from the root of each active tree, to an edge without a child or to a terminal node."""
        tree, births = self.tree, torch.empty(3, self.tree.trees, dtype=torch.int64)
        inputs: list[Any] = [*arrays(is_active, tree.roots), *self.links[:2], *self.numbers]
        inputs += arrays(self.last, births)
        count = path_kernels.follow(*inputs)
        self.returned, self.born = torch.zeros_like(self.returned), self.born[:0]
        return Births(*births[:, :count])

    def expand(self, born: Births, step: Advance) -> None:
        """Add the new nodes to the trees. A terminal node has the value 0, whatever was estimated there."""
        tree, self.born = self.tree, torch.empty_like(born.trees)
        numbers = step.rewards, step.discounts, step.logits, step.values
        inputs: list[Any] = [*arrays(*born, *(one.to(tree.logits.dtype) for one in numbers), step.legal), tree.nodes]
        inputs += [*self.links[1:], *self.evaluations, *arrays(tree.sizes, self.returned, self.born)]
        if not path_kernels.expand(*inputs):
            raise_not_finite()
        tree.write_state(self.born, step.state)

    def back_up(self) -> Int64[Tensor, " visited"]:
        """Add to each edge of the paths a visit and what it returned; return the rows whose statistics are new."""
        tree = self.tree
        inputs: list[Any] = [*arrays(self.last, self.returned, self.born), *self.numbers]
        count = path_kernels.back_up(*inputs, *self.links[:5], *arrays(tree.visits, tree.value_sums, self.rows))
        return self.rows[:count]

    def store_choices(self, rows: Int64[Tensor, " chosen"], actions: Int64[Tensor, " chosen"]) -> None:
        """Store the action that the next simulation follows from each of these rows; nothing follows a terminal one."""
        inputs: list[Any] = [*arrays(rows, actions), self.links[5], *self.numbers, self.links[0]]
        path_kernels.store_choices(*inputs)


class CompiledPuct(PuctSelection):
    """`Puct` at work on the trees of one search, with kernels."""

    @cached_property
    def inputs(self) -> list[Any]:
        """The statistics of the trees and the arguments of the rule."""
        rule = self.rule
        low, high = rule.value_range or (0.0, 1.0)
        has_range = rule.value_range is not None
        return [*statistics(self.tree), float(rule.c), float(rule.base), has_range, float(low), float(high)]

    def choose(self, rows: Int64[Tensor, " chosen"]) -> Int64[Tensor, " chosen"]:
        """Return the action with the highest score at each row."""
        chosen = torch.empty_like(rows)
        inputs = [*arrays(rows), *self.inputs, *arrays(chosen)]
        rule_kernels.choose_puct(*inputs)
        return chosen


class CompiledGumbel(GumbelSelection):
    """`Gumbel` at work on the trees of one search, with kernels."""

    @cached_property
    def inputs(self) -> list[Any]:
        """The statistics of the trees, the arguments of the rule, and memory for the estimates of one row."""
        rule = self.rule
        memory = torch.empty(self.tree.actions, dtype=torch.float64)
        settings = [float(rule.maxvisit_init), float(rule.value_scale), rule.rescale]
        return [*statistics(self.tree), *settings, *arrays(memory)]

    @cached_property
    def root_inputs(self) -> list[Any]:
        """What decides at the roots only."""
        return [*arrays(self.noise, self.considered, self.earlier_visits), LOWEST]

    def choose(self, rows: Int64[Tensor, " chosen"]) -> Int64[Tensor, " chosen"]:
        """Return the action whose share of the visits is furthest below the improved policy."""
        chosen = torch.empty_like(rows)
        inputs = [*arrays(rows), *self.inputs, *arrays(chosen)]
        rule_kernels.choose_gumbel(*inputs)
        return chosen

    def choose_root(self) -> Int64[Tensor, " trees"]:
        """Return the best action among those with the number of visits that this simulation considers."""
        chosen = torch.empty_like(self.tree.roots)
        inputs = [*arrays(self.tree.roots), *self.inputs, *self.root_inputs, *arrays(chosen)]
        rule_kernels.choose_gumbel_root(*inputs)
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
