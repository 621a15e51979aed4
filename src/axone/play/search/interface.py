"""What a search is given and what it returns: tensors whose first dimension is the tree, and a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.play.search.tree import Tree
from axone.play.simulation import State


class Root(NamedTuple):
    """Where the search of each tree starts.

    Args:
        logits: The prior policy, up to a constant.
        values: The estimated value for the player to move.
        state: What `advance` needs to continue from there.
    """

    logits: Float[Tensor, "trees actions"]
    values: Float[Tensor, " trees"]
    state: State


class Advance(NamedTuple):
    """What an action of each state leads to.

    Args:
        rewards: The reward, for the player who has moved.
        discounts: The factor of what follows: -1 where the other player moves next, 0 where nothing follows.
        logits: The prior policy of the player who moves next, up to a constant.
        values: The value estimated for that player. It does not count where the discount is 0.
        state: The states after the actions.
        legal: Which actions are allowed next.
    """

    rewards: Float[Tensor, " chosen"]
    discounts: Float[Tensor, " chosen"]
    logits: Float[Tensor, "chosen actions"]
    values: Float[Tensor, " chosen"]
    state: State
    legal: Bool[Tensor, "chosen actions"]


AdvanceFunction = Callable[[State, Int64[Tensor, " chosen"]], Advance]


class SearchResult(NamedTuple):
    """What a search leads to.

    Args:
        actions: The action to play; 0 in a tree without legal actions.
        policy: The target for the policy of a network; 0 where an action is not legal.
        values: The value of the root after the search, for the player to move.
        visits: How often each action of the root was followed, those of a reused subtree among them.
        tree: The trees, for `reuse` and for display.
    """

    actions: Int64[Tensor, " trees"]
    policy: Float[Tensor, "trees actions"]
    values: Float[Tensor, " trees"]
    visits: Int64[Tensor, "trees actions"]
    tree: Tree


def check_shapes(step: Advance, count: int, actions: int) -> None:
    """Raise ValueError where a function that was passed to a search has returned something of another shape."""
    for name in ("rewards", "discounts", "values", "logits", "legal"):
        expected = (count, actions) if name in ("logits", "legal") else (count,)
        shape = tuple(getattr(step, name).shape)
        if shape != expected:
            raise ValueError(f"advance returned {name} of shape {shape} instead of {expected}")
