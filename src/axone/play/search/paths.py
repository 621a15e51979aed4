"""The path of each tree in one simulation: following the choices, a new node at its end, and backing up its value."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.play.search.interface import Advance
from axone.play.search.tree import Tree


class Births(NamedTuple):
    """The nodes that a simulation adds: at most one in each tree.

    Args:
        trees: The tree of each.
        parents: The row of its parent.
        actions: The action that leads to it from there.
    """

    trees: Int64[Tensor, " born"]
    parents: Int64[Tensor, " born"]
    actions: Int64[Tensor, " born"]


class Paths:
    """The paths of the present simulation, as tensor operations: Python per level, and not per tree.

    Args:
        tree: The trees.
    """

    def __init__(self, tree: Tree) -> None:
        """Hold the trees; there is no path yet."""
        self.tree = tree
        self.edges: Int64[Tensor, "depth trees"] = tree.sizes.new_zeros(0, tree.trees)
        self.returned = torch.zeros_like(tree.raw_values[: tree.trees])  # the value at the end of each path
        self.born = tree.sizes[:0]  # the rows of the new nodes

    def follow(self, is_active: Bool[Tensor, " trees"]) -> Births:
        """Follow the choices from the root of each active tree, to an edge without a child or to a terminal node."""
        tree = self.tree
        rows = torch.where(is_active, tree.roots, tree.end)
        levels: list[Tensor] = []
        while not levels or (rows != tree.end).any():
            edges = tree.choices.index_select(0, rows)
            levels.append(edges)
            rows = tree.children.index_select(0, edges)
        self.edges = torch.stack(levels)
        lengths = (self.edges < tree.end_edge).sum(0)
        last = self.edges.gather(0, (lengths - 1).clamp(min=0)[None])[0]
        self.returned, self.born = torch.zeros_like(self.returned), tree.sizes[:0]
        trees = ((last < tree.end_edge) & (tree.children[last] == tree.end)).nonzero()[:, 0]
        edges = last[trees]
        return Births(trees, edges // tree.actions, edges % tree.actions)

    def expand(self, born: Births, step: Advance) -> None:
        """Add the new nodes to the trees. A terminal node has the value 0, whatever was estimated there.

        Raises:
            DataError: A value or a logit is not a finite number.
        """
        tree = self.tree
        rows = born.trees * tree.nodes + tree.sizes[born.trees]
        is_terminal = step.discounts == 0
        values = step.values.masked_fill(is_terminal, 0.0)
        tree.write(rows, step.logits, step.legal & ~is_terminal[:, None], values, step.state)
        tree.sizes[born.trees] += 1
        tree.children[born.parents * tree.actions + born.actions] = rows
        tree.parents[rows] = born.parents
        tree.rewards[rows] = step.rewards.to(tree.rewards.dtype)
        tree.discounts[rows] = step.discounts.to(tree.discounts.dtype)
        tree.terminal[rows] = is_terminal
        self.born = rows
        self.returned[born.trees] = tree.raw_values[rows]

    def back_up(self) -> Int64[Tensor, " visited"]:
        """Add to each edge of the paths a visit and what it returned: the reward and the discounted return after it.

        Returns:
            The rows of the paths whose statistics are new, without the roots.
        """
        tree, shape = self.tree, self.edges.shape
        edges = self.edges.flatten()
        rows = tree.children.index_select(0, edges)
        rewards = tree.rewards.index_select(0, rows).view(shape)
        discounts = tree.discounts.index_select(0, rows).view(shape)
        returns, returned = torch.empty_like(rewards), self.returned
        for level in reversed(range(len(returns))):
            returned = torch.addcmul(rewards[level], discounts[level], returned, out=returns[level])
        tree.value_sums.index_add_(0, edges, returns.flatten())
        tree.visits.index_add_(0, edges, torch.ones_like(returns).flatten())
        inner = self.edges[1:].flatten() // tree.actions
        return torch.cat((inner[inner < tree.end], self.born))

    def store_choices(self, rows: Int64[Tensor, " chosen"], actions: Int64[Tensor, " chosen"]) -> None:
        """Store the action that the next simulation follows from each of these rows; nothing follows a terminal one."""
        tree = self.tree
        tree.choices[rows] = torch.where(tree.terminal[rows], tree.end_edge, rows * tree.actions + actions)
