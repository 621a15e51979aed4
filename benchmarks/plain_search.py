"""PUCT as it is usually written in Python: one tree, an object per node, one evaluation at a time.

The benchmark of search compares speed with it, and a test compares visits.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log, sqrt
from typing import Any, NamedTuple


class Step(NamedTuple):
    """What an action leads to: as `axone.play.search.interface.Advance`, for one state, in Python's own types."""

    reward: float
    discount: float
    priors: dict[int, float]  # of the legal actions
    value: float
    state: Any


class Node:
    """A node: its evaluation, and the statistics of the visits to it."""

    def __init__(self, step: Step) -> None:
        """Start with the evaluation as the only visit."""
        self.step = step
        self.visits = 1
        self.value_sum = step.value
        self.children: dict[int, Node] = {}

    def score(self, action: int, c: float, base: float) -> float:
        """Return the PUCT score of an action; estimates are rescaled from [-1, 1] to [0, 1]."""
        weight = sqrt(self.visits) * (c + log((self.visits + base + 1) / base)) * self.step.priors[action]
        child = self.children.get(action)
        if child is None:
            return weight
        value = child.step.reward + child.step.discount * child.value_sum / child.visits
        return (value + 1) / 2 + weight / (child.visits + 1)


def search_plainly(
    root: Step,
    advance: Callable[[Any, int], Step],
    simulations: int,
    c: float = 1.25,
    base: float = 19652.0,
) -> Node:
    """Return the root of a tree after a number of simulations."""
    top = Node(root)
    for _simulation in range(simulations):
        node, path = top, [top]
        while node.step.discount != 0 or node is top:
            action = max(node.step.priors, key=lambda one: node.score(one, c, base))
            if action in node.children:
                node = node.children[action]
                path.append(node)
                continue
            child = Node(advance(node.step.state, action))
            child.visits, child.value_sum = 0, 0.0  # its own evaluation is what is backed up now
            node.children[action] = child
            path.append(child)
            node = child
            break
        returned = node.step.value
        for node in reversed(path):
            node.visits += 1
            node.value_sum += returned
            returned = node.step.reward + node.step.discount * returned
    return top
