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

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.play.bodies import Body, runs_kernels
from axone.play.random import random_bits
from axone.play.search.interface import AdvanceFunction, Root, SearchResult, check_shapes
from axone.play.search.paths import Paths
from axone.play.search.reuse import grow, occupied
from axone.play.search.rule import Rule, Selection
from axone.play.search.tree import Tree, make_tree


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
    tree.write(tree.roots, root.logits, legal, root.values, root.state)
    stream = None if keys is None or counters is None else random_bits(keys, counters)
    selection, paths = rule.begin(tree, budgets, stream), Paths(tree)
    if runs_kernels(device, body):
        from axone.play.search.compiled import CompiledPaths, compile_selection

        selection, paths = compile_selection(selection), CompiledPaths(tree)
    below = occupied(tree)
    below[tree.roots] = False
    choose(tree, selection, paths, below.nonzero()[:, 0])
    for simulation in range(longest):
        simulate(tree, advance, selection, paths, simulation < budgets)
    visits = tree.edge_visits(tree.roots).long()
    return SearchResult(*selection.decide(), tree.node_values(tree.roots), visits, tree)


def simulate(
    tree: Tree, advance: AdvanceFunction, selection: Selection, paths: Paths, is_active: Bool[Tensor, " trees"]
) -> None:
    """Run one simulation of each active tree."""
    born = paths.follow(is_active)
    if len(born.trees):
        states = {name: values.index_select(0, born.parents) for name, values in tree.state.items()}
        step = advance(states, born.actions)
        check_shapes(step, len(born.trees), tree.actions)
        paths.expand(born, step)
    choose(tree, selection, paths, paths.back_up())


def choose(tree: Tree, selection: Selection, paths: Paths, rows: Int64[Tensor, " chosen"]) -> None:
    """Store which edge the next simulation follows from each of these rows, and from each root."""
    paths.store_choices(rows, selection.choose(rows))
    paths.store_choices(tree.roots, selection.choose_root())
