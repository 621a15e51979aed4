"""Reuse of a subtree: after an action is played, the part of the tree below it is the tree of the next search."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.play.search.tree import Tree, make_tree


@torch.no_grad()
def reuse(tree: Tree, actions: Int64[Tensor, " trees"], *, is_same_game: Bool[Tensor, " trees"] | None = None) -> Tree:
    """Return trees whose roots are the children of the played actions, with all that is below these, and no other rows.

    The root of a tree whose action was not visited, or has ended the game, has no children: the next search starts
    there from its root alone. So a game that was reset after its end needs no mask.

    Args:
        tree: The trees of a search. They are not changed.
        actions: The action that was played in each.
        is_same_game: False where the next search starts from anything else, such as a new game after a resignation.
    """
    children = tree.children[tree.roots * tree.actions + actions]
    has_child = ~tree.terminal[children]  # `end` is terminal
    if is_same_game is not None:
        has_child &= is_same_game
    # Each row's ancestors are climbed in steps of 1, 2, 4, ... levels, and no further than the new roots.
    ancestors = tree.parents.clone()
    new_roots = children[has_child]
    ancestors[new_roots] = new_roots
    for _level in range(max(1, (tree.nodes - 1).bit_length())):
        ancestors = ancestors[ancestors]
    is_root = torch.zeros_like(tree.terminal)
    is_root[new_roots] = True
    is_in_subtree = is_root[ancestors] & occupied(tree)
    # Nodes stay in the order of their birth, so that the played child is first.
    numbers = is_in_subtree[: tree.end].view(tree.trees, tree.nodes).long().cumsum(1) - 1
    old = is_in_subtree.nonzero()[:, 0]
    needed = int(numbers.max()) + 1 if len(old) else 1
    new = old // tree.nodes * needed + numbers.view(-1)[old]
    result = move_rows(tree, needed, old, new)
    result.parents[result.roots] = result.roots
    result.rewards[result.roots], result.discounts[result.roots] = 0.0, 1.0
    return result


def grow(tree: Tree, births: int) -> Tree:
    """Return the trees with a place for at least as many more nodes in each; the same trees where there is one."""
    needed = int(tree.sizes.max()) + births if tree.trees else 0
    if needed <= tree.nodes:
        return tree
    old = occupied(tree).nonzero()[:, 0]
    return move_rows(tree, needed, old, old // tree.nodes * needed + old % tree.nodes)


def occupied(tree: Tree) -> Bool[Tensor, " rows"]:
    """Return which rows are nodes; the last, `end`, is none."""
    places = torch.arange(tree.nodes, device=tree.sizes.device)
    nodes = (places < tree.sizes[:, None]).flatten()
    return torch.cat((nodes, nodes.new_zeros(1)))


def move_rows(tree: Tree, nodes: int, old: Int64[Tensor, " moved"], new: Int64[Tensor, " moved"]) -> Tree:
    """Return trees of `nodes` rows each, which have the content of the rows `old` at the rows `new`.

    An edge to a row that is not moved counts as not visited yet. `choices` have to be made again.
    """
    result = make_tree(tree.trees, nodes, tree.actions, tree.state)
    destinations = torch.full_like(tree.parents, result.end)
    destinations[old] = new
    children = tree.children.view(-1, tree.actions)[old]
    result.children.view(-1, tree.actions)[new] = destinations[children]
    for source, target in ((tree.visits, result.visits), (tree.value_sums, result.value_sums)):
        target.view(-1, tree.actions)[new] = source.view(-1, tree.actions)[old]
    for name in ("logits", "priors", "raw_values", "rewards", "discounts", "terminal"):
        getattr(result, name)[new] = getattr(tree, name)[old]
    result.parents[new] = destinations[tree.parents[old]]
    for name, values in tree.state.items():
        result.state[name][new] = values[old]
    counts = torch.bincount(new // nodes, minlength=tree.trees)
    result.sizes = counts.clamp(min=1)
    return result
