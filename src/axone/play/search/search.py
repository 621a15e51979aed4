"""The search: simulations that select, expand, evaluate and back up, for all trees of a batch at once.

One simulation of all trees:

    follow          from each root along `choices`, to an edge that was not visited yet
    expand          the state after each of these edges is evaluated: one batch for a network
    back up         each edge of the path has one visit more, and what it returned
    choose          again at the nodes of the paths, the only ones whose statistics have changed

What a node selects depends on its statistics alone, so that it is computed when they change, for all nodes of all paths
at once, and following the choices is two lookups per level. A simulation that arrives at a terminal node backs up its
exact reward again and evaluates nothing. Trees that are done are left out of the batch which `advance` evaluates.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.errors import DataError
from axone.messages import _
from axone.play.bodies import Body, runs_kernels
from axone.play.random import random_bits
from axone.play.search.paths import Paths
from axone.play.search.reuse import grow, occupied
from axone.play.search.rule import Rule, Selection
from axone.play.search.tree import Tree, make_tree
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


@torch.no_grad()
def search(
    root: Root,
    advance: AdvanceFunction,
    *,
    simulations: int | Int64[Tensor, " trees"],
    rule: Rule,
    legal: Bool[Tensor, "trees actions"] | None = None,
    keys: Int64[Tensor, " trees"] | None = None,
    counters: Int64[Tensor, " trees"] | None = None,
    tree: Tree | None = None,
    body: Body = "auto",
) -> SearchResult:
    """Search from each root.

    Args:
        root: Where each tree starts. No gradient flows through a search.
        advance: Called with states [C, ...] and an action of each, C from 1 to the number of trees. What it returns for
            one must not depend on the others.
        simulations: How many simulations all trees have, or each tree has: with few for some of them, a batch can mix
            full and fast searches. They are added to those of a reused subtree.
        rule: How actions are selected: `Puct` or `Gumbel`.
        legal: Which actions are allowed at each root; None: all. A tree without any is not searched.
        keys: The key of each tree's random numbers.
        counters: The counter of each tree's random numbers. A search takes one count, whatever it draws: the caller
            continues with `counters + 1`. Neither is needed where the rule draws nothing.
        tree: What `reuse` has returned, for the same roots; it is changed. Root, logits and values replace its own.
        body: "torch" or "numba"; "auto" takes kernels on the CPU where numba is installed. Both select by the same
            scores, up to their rounding.

    Raises:
        ValueError: The rule draws random numbers and there are no keys; or `advance` has returned another shape.
        DataError: A value or a logit is not a finite number.
    """
    trees, actions = root.logits.shape
    device = root.logits.device
    legal = torch.ones_like(root.logits, dtype=torch.bool) if legal is None else legal
    budgets = torch.as_tensor(simulations, device=device).expand(trees)
    budgets = torch.where(legal.any(1), budgets, 0)
    longest = int(budgets.max()) if trees else 0
    if tree is None:
        tree = make_tree(trees, longest + 1, actions, root.state)
    tree = grow(tree, longest)
    check_numbers(root.logits, root.values)
    tree.write(tree.roots, root.logits, legal, root.values, root.state)
    stream = None if keys is None or counters is None else random_bits(keys, counters)
    selection, paths = rule.begin(tree, budgets, stream), Paths(tree)
    if runs_kernels(device, body):
        from axone.play.search.compiled import CompiledPaths, compile_selection

        selection, paths = compile_selection(selection), CompiledPaths(tree)
    below = occupied(tree)
    below[tree.roots] = False
    choose(tree, selection, below.nonzero()[:, 0])
    for simulation in range(longest):
        simulate(tree, advance, selection, paths, simulation < budgets)
    visits = tree.edge_visits(tree.roots).long()
    return SearchResult(*selection.decide(), tree.node_values(tree.roots), visits, tree)


def simulate(
    tree: Tree, advance: AdvanceFunction, selection: Selection, paths: Paths, is_active: Bool[Tensor, " trees"]
) -> None:
    """Run one simulation of each active tree."""
    last = paths.follow(torch.where(is_active, tree.roots, tree.end))
    # The last edge of each tree's path leads to a new node, or to a terminal one.
    growing = ((last < tree.end_edge) & (tree.children[last] == tree.end)).nonzero()[:, 0]
    returned = torch.zeros_like(tree.raw_values[: tree.trees])
    born = growing
    if len(growing):
        born = expand(tree, advance, growing, last[growing])
        returned[growing] = tree.raw_values[born]
    choose(tree, selection, torch.cat((paths.back_up(last, returned), born)))


def expand(
    tree: Tree, advance: AdvanceFunction, growing: Int64[Tensor, " born"], edges: Int64[Tensor, " born"]
) -> Int64[Tensor, " born"]:
    """Add a node after an edge of some trees; return their rows."""
    parents = edges // tree.actions
    states = {name: values.index_select(0, parents) for name, values in tree.state.items()}
    step = advance(states, edges % tree.actions)
    check_shapes(step, len(edges), tree.actions)
    born = growing * tree.nodes + tree.sizes[growing]
    tree.sizes[growing] += 1
    tree.children[edges] = born
    tree.parents[born] = parents
    tree.rewards[born] = step.rewards.to(tree.rewards.dtype)
    tree.discounts[born] = step.discounts.to(tree.discounts.dtype)
    is_terminal = step.discounts == 0
    tree.terminal[born] = is_terminal
    values = step.values.masked_fill(is_terminal, 0.0)  # whatever was estimated there, it is not used
    check_numbers(step.logits, values)
    tree.write(born, step.logits, step.legal & ~is_terminal[:, None], values, step.state)
    return born


def check_shapes(step: Advance, count: int, actions: int) -> None:
    """Raise ValueError where a function that was passed to a search has returned something of another shape."""
    for name in ("rewards", "discounts", "values", "logits", "legal"):
        expected = (count, actions) if name in ("logits", "legal") else (count,)
        shape = tuple(getattr(step, name).shape)
        if shape != expected:
            raise ValueError(f"advance returned {name} of shape {shape} instead of {expected}")


def check_numbers(logits: Float[Tensor, "chosen actions"], values: Float[Tensor, " chosen"]) -> None:
    """Raise DataError where a logit or a value is not a number. A logit may be minus infinity."""
    if len(values) and not (logits.amax() < inf and values.abs().amax() < inf):  # a comparison with NaN is False
        raise DataError(_("The search has met a value that is not a finite number."))


def choose(tree: Tree, selection: Selection, rows: Int64[Tensor, " chosen"]) -> None:
    """Store which edge the next simulation follows from each of these rows, and from each root."""
    roots = tree.roots
    for at, actions in ((rows, selection.choose(rows)), (roots, selection.choose_root())):
        tree.choices[at] = torch.where(tree.terminal[at], tree.end_edge, at * tree.actions + actions)
