"""The path of each tree in one simulation: following the choices, and backing up what its end returns."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.play.search.tree import Tree


class Paths:
    """The paths of the present simulation, as tensor operations: Python per level, and not per tree.

    Args:
        tree: The trees.
    """

    def __init__(self, tree: Tree) -> None:
        """Hold the trees; there is no path yet."""
        self.tree = tree
        self.edges: Int64[Tensor, "depth trees"] = tree.sizes.new_zeros(0, tree.trees)

    def follow(self, rows: Int64[Tensor, " trees"]) -> Int64[Tensor, " trees"]:
        """Follow the choices from some rows; return the last edges, which lead to new or to terminal nodes.

        Args:
            rows: The root of each tree, or `end`: then the last edge is that of `end`.
        """
        tree = self.tree
        levels: list[Tensor] = []
        while not levels or (rows != tree.end).any():
            edges = tree.choices.index_select(0, rows)
            levels.append(edges)
            rows = tree.children.index_select(0, edges)
        self.edges = torch.stack(levels)
        lengths = (self.edges < tree.end_edge).sum(0)
        return self.edges.gather(0, (lengths - 1).clamp(min=0)[None])[0]

    def back_up(self, last: Int64[Tensor, " trees"], returned: Float[Tensor, " trees"]) -> Int64[Tensor, " visited"]:
        """Add to each edge of the paths a visit and what it returned: the reward and the discounted return after it.

        Args:
            last: The last edge of each path.
            returned: The value of the last node of each path, in the view of the player to move there.

        Returns:
            The rows of the paths, without the roots and the last nodes.
        """
        tree, shape = self.tree, self.edges.shape
        edges = self.edges.flatten()
        rows = tree.children.index_select(0, edges)
        rewards = tree.rewards.index_select(0, rows).view(shape)
        discounts = tree.discounts.index_select(0, rows).view(shape)
        returns = torch.empty_like(rewards)
        for level in reversed(range(len(returns))):
            returned = torch.addcmul(rewards[level], discounts[level], returned, out=returns[level])
        tree.value_sums.index_add_(0, edges, returns.flatten())
        tree.visits.index_add_(0, edges, torch.ones_like(returns).flatten())
        inner = self.edges[1:].flatten() // tree.actions
        return inner[inner < tree.end]
