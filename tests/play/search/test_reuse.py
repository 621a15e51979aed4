"""Reuse of subtrees: what they have, and searches that continue from them."""

import copy

import pytest
import torch

from axone.play.search.gumbel import Gumbel
from axone.play.search.interface import Root
from axone.play.search.puct import Puct
from axone.play.search.reuse import occupied, reuse
from axone.play.search.search import search
from axone.play.search.tree import restore_tree
from tests.helpers.search import RandomTree, TableTree

GREEDY = Puct(noise_share=0.0, temperature=0.0)


def test_the_subtree_of_an_action_is_a_tree():
    """The simulations of `test_puct.py` visit 0, 00, 1 and 10: rows 1 to 4. The subtree of action 1 is 1 and 10."""
    table = TableTree({"": (0.6, 0.4), "0": (0.5, 0.5)}, {"": 0.2, "0": 0.5, "1": -0.5, "00": -0.25})
    tree = search(table.root(), table.advance, simulations=4, rule=GREEDY).tree
    part = reuse(tree, torch.tensor([1]))
    assert part.sizes.tolist() == [2]
    assert part.state["digits"][:2, :2].tolist() == [[1, -1], [1, 0]]
    assert part.edge_visits(part.roots).tolist() == [[1, 0]]
    assert part.children[:2].tolist() == [1, part.end]
    assert part.parents[:2].tolist() == [0, 0]
    assert part.node_values(part.roots).tolist() == pytest.approx([(-0.5 - 0) / 2])
    # The visits of the played edge were 2: one was the evaluation of its node, the other went through its edges.
    assert tree.edge_visits(tree.roots)[0, 1] == 1 + part.edge_visits(part.roots).sum()


def test_actions_without_a_subtree_leave_the_root_alone():
    table = TableTree(priors={"": (0.8, 0.2)}, wins={"0": 1})
    tree = search(table.root(3), table.advance, simulations=3, rule=GREEDY).tree
    part = reuse(tree, torch.tensor([0, 1, 0]), is_same_game=torch.tensor([True, True, False]))
    assert part.sizes.tolist() == [1, 1, 1]  # ended, not visited, another game
    assert (part.children == part.end).all()


@pytest.mark.parametrize("rule", [GREEDY, Gumbel(scale=0.0, considered=4)], ids=["puct", "gumbel"])
def test_a_search_continues_in_the_subtree(rule):
    world = RandomTree()
    root, legal = world.root(40)
    first = search(root, world.advance, simulations=30, rule=rule, legal=legal)
    part = reuse(first.tree, first.actions)
    step = world.advance(root.state, first.actions)
    earlier = part.edge_visits(part.roots).sum(1)
    assert earlier.max() > 5
    for has_room in (True, False):  # a tree that has a row for each new node, and one that has not
        simulations = 8 if has_room else 40
        second = search(
            Root(step.logits, step.values, step.state), world.advance, simulations=simulations, rule=rule,
            legal=step.legal, tree=reuse(first.tree, first.actions),
        )  # fmt: skip
        tree = second.tree
        assert second.visits.sum(1).tolist() == (earlier + simulations).tolist()
        rows = occupied(tree).nonzero()[:, 0]
        below = rows[rows % tree.nodes > 0]
        assert (tree.parents[below] < below).all() and (tree.parents[below] // tree.nodes == below // tree.nodes).all()
        # Each node is the child of its parent, and has as many visits as the edge to it, unless it is terminal.
        edges = (tree.children[: tree.end_edge] < tree.end).nonzero()[:, 0]
        reached = tree.children[edges]
        assert torch.equal(reached.sort().values, below) and torch.equal(tree.parents[reached], edges // tree.actions)
        inner = ~tree.terminal[reached]
        assert torch.equal(tree.visits[edges][inner], 1 + tree.edge_visits(reached[inner]).sum(1))


def test_a_subtree_is_the_same_as_a_search_from_there():
    """With one action at the root all simulations but the first are a search from its child."""
    world = RandomTree(ends=0.0)
    root, _legal = world.root(5)
    only = torch.zeros(5, world.actions, dtype=torch.bool)
    only[:, 2] = True
    tree = search(root, world.advance, simulations=21, rule=GREEDY, legal=only).tree
    step = world.advance(root.state, torch.full((5,), 2))
    start = Root(step.logits, step.values, step.state)
    below = search(start, world.advance, simulations=20, rule=GREEDY, legal=step.legal)
    part = reuse(tree, torch.full((5,), 2))
    assert torch.equal(part.edge_visits(part.roots).long(), below.visits)
    assert torch.allclose(part.node_values(part.roots), below.values, atol=1e-6)


def test_trees_are_restored_from_their_state():
    world = RandomTree()
    root, legal = world.root(4)
    first = search(root, world.advance, simulations=12, rule=GREEDY, legal=legal)
    tree = reuse(first.tree, first.actions)
    assert tree.nodes == int(tree.sizes.max()) < first.tree.nodes
    restored = restore_tree(copy.deepcopy(tree.state_dict()))
    step = world.advance(root.state, first.actions)
    results = [
        search(
            Root(step.logits, step.values, step.state),
            world.advance,
            simulations=5,
            rule=GREEDY,
            legal=step.legal,
            tree=one,
        )
        for one in (tree, restored)
    ]
    assert torch.equal(results[0].visits, results[1].visits) and torch.equal(results[0].values, results[1].values)
