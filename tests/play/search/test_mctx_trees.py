"""The trees that mctx's own tests expect, built by our search (`make check-long`; the archive is not part of Axone)."""

import pytest

from axone.play.bodies import has_numba
from axone.play.search.gumbel import Gumbel
from tests.helpers.search import load_benchmark

mctx_trees = load_benchmark("mctx_trees")


def node(number, value, children=(), **fields):
    return {
        "evaluation_index": number, "raw_value_view": value, "child_stats": list(children), **fields,
    }  # fmt: skip


def leaf(action):
    return {"action": action, "prior": 0.5, "child_stats": []}


@pytest.fixture
def content():
    """A tree of two simulations in mctx's format: each action once, with rewards of 0.5 and -0.25."""
    children = [
        node(1, 0.4, [leaf(0), leaf(1)], action=0, prior=0.5, reward=0.5, visit=1, value_view=0.4),
        node(2, 0.2, [leaf(0), leaf(1)], action=1, prior=0.5, reward=-0.25, visit=1, value_view=0.2),
    ]
    # The root: (0.1 + (0.5 - 0.4) + (-0.25 - 0.2)) / 3
    root = node(0, 0.1, children, prior=1.0, visit=3, value_view=(0.1 + 0.1 - 0.45) / 3)
    settings = {"maxvisit_init": 50.0, "rescale_values": True, "value_scale": 0.1}
    config = {
        "gumbel_scale": 0.0, "max_num_considered_actions": 2, "qtransform_kwargs": settings,
        "qtransform": "qtransform_completed_by_mix_value",
    }  # fmt: skip
    return {
        "algorithm": "gumbel_muzero", "algorithm_config": config, "tree": root,
        "env_config": {"discount": -1.0, "zero_reward": False},
    }  # fmt: skip


BODIES = ["torch", *(["numba"] if has_numba() else [])]


@pytest.mark.parametrize("body", BODIES)
def test_a_small_tree_in_the_format_of_mctx(content, body):
    assert mctx_trees.make_rule(content) == Gumbel(considered=2, scale=0.0)
    assert mctx_trees.compare(content, body) == (3, [])


def test_each_difference_is_listed(content):
    root = content["tree"]
    root["value_view"] += 0.01
    root["child_stats"][0]["prior"] = 0.4
    root["child_stats"][0]["child_stats"][1] = node(3, 0.0, action=1, prior=0.5, reward=0.0, visit=1, value_view=0.0)
    _nodes, differences = mctx_trees.compare(content, "torch")
    text = "\n".join(differences)
    assert "node 0: value_view" in text and "3 nodes instead of 4" in text and "node 1, action 1: leads to" in text


@pytest.mark.long
@pytest.mark.parametrize("body", BODIES)
def test_the_trees_of_mctx_are_built_node_by_node(body):
    archive = mctx_trees.find_archive(None)
    if archive is None:
        pytest.skip(f"the archive of mctx's trees is not there: set {mctx_trees.VARIABLE} to its path")
    trees = mctx_trees.read_trees(archive)
    assert len(trees) == 3
    for name, content in trees.items():
        nodes, differences = mctx_trees.compare(content, body)
        assert nodes > 50 and not differences, f"{name}: {differences[:5]}"
