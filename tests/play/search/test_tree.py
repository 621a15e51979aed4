"""The arrays of trees."""

import torch

from axone.play.search.tree import make_tree


def test_rows_and_edges_of_a_new_tree():
    tree = make_tree(3, 4, 2, {"cell": torch.zeros(3, 5, dtype=torch.int16)})
    assert (tree.trees, tree.actions, tree.end, tree.end_edge) == (3, 2, 12, 24)
    assert tree.roots.tolist() == [0, 4, 8]
    assert (tree.children == tree.end).all() and tree.terminal.nonzero().tolist() == [[12]]
    assert tree.state["cell"].shape == (13, 5) and tree.state["cell"].dtype == torch.int16


def test_what_is_written_is_masked_and_normalized():
    tree = make_tree(2, 2, 3, {"cell": torch.zeros(2)})
    legal = torch.tensor([[True, False, True], [False, False, False]])
    tree.write(tree.roots, torch.zeros(2, 3), legal, torch.tensor([0.5, -1.0]), {"cell": torch.tensor([7.0, 8.0])})
    assert tree.priors[tree.roots].tolist() == [[0.5, 0, 0.5], [0, 0, 0]]
    assert tree.node_values(tree.roots).tolist() == [0.5, -1.0]
    assert tree.state["cell"].tolist() == [7, 0, 8, 0, 0]
