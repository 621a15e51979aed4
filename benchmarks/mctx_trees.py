"""Compares our searches, node by node, with the trees that mctx's own tests expect.

The archive has three trees of mctx (Apache-2.0, google-deepmind/mctx, mctx/_src/tests/test_data) as JSON, each with its
configuration, and with the prior, raw value, reward, visits and value of each node. There are no random numbers in
them, so that a search which looks its evaluations up in such a tree must build the same one.
"""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import torch

from axone.play.bodies import Body
from axone.play.search.gumbel import Gumbel
from axone.play.search.interface import Advance, Root
from axone.play.search.puct import Puct
from axone.play.search.rule import Rule
from axone.play.search.search import search
from axone.play.search.tree import Tree

VARIABLE = "AXONE_MCTX_TREES"
TOLERANCE = 1e-3  # mctx's own test has the same
COPIES = 3  # of the tree in one batch; the others have fewer legal actions at the root, as in mctx's test


def find_archive(path: str | None) -> Path | None:
    """Return the archive at a path, or else that of the environment variable; None: it is not there."""
    name = path or os.environ.get(VARIABLE)
    return Path(name) if name and Path(name).is_file() else None


def read_trees(archive: Path) -> dict[str, Any]:
    """Return the trees of the archive by their names."""
    with tarfile.open(archive) as file:
        members = {Path(member.name).stem: file.extractfile(member) for member in file if member.name.endswith(".json")}
        return {name: json.load(content) for name, content in members.items() if content is not None}


def make_rule(content: dict[str, Any]) -> Rule:
    """Return our rule for the configuration of a tree."""
    config = content["algorithm_config"]
    if content["algorithm"] == "muzero":
        assert config["qtransform"] == "qtransform_by_parent_and_siblings" and not config["qtransform_kwargs"]
        shared = {"noise_share": config["dirichlet_fraction"], "temperature": 0.0, "value_range": None}
        return Puct(config["pb_c_init"], float(config["pb_c_base"]), **shared)
    assert config["qtransform"] == "qtransform_completed_by_mix_value"
    values = config["qtransform_kwargs"]
    return Gumbel(
        config["max_num_considered_actions"],
        config["gumbel_scale"],
        values["maxvisit_init"],
        values["value_scale"],
        values["rescale_values"],
    )


def build(content: dict[str, Any], body: Body) -> Tree:
    """Return the tree of a search that looks its evaluations up in an expected tree.

    The first copy has all actions. The others have one and two at the root; they meet nodes that the expected tree does
    not have, which are evaluated as uniform priors and values of 0.
    """
    nodes = list_nodes(content["tree"])
    actions = len(content["tree"]["child_stats"])
    unknown = len(nodes)  # the number of every node that is not in the expected tree
    children = torch.full((unknown + 1, actions), unknown)
    priors = torch.full((unknown + 1, actions), 1 / actions)
    values, rewards = torch.zeros(unknown + 1), torch.zeros(unknown + 1)
    for node in nodes:
        number = node["evaluation_index"]
        values[number], rewards[number] = node["raw_value_view"], node.get("reward", 0.0)
        for child in node["child_stats"]:
            priors[number, child["action"]] = child["prior"]
            children[number, child["action"]] = child.get("evaluation_index", unknown)

    def advance(state: dict[str, torch.Tensor], taken: torch.Tensor) -> Advance:
        number = children[state["node"], taken]
        discounts = torch.full((len(number),), content["env_config"]["discount"])
        legal = torch.ones(len(number), actions, dtype=torch.bool)
        return Advance(rewards[number], discounts, priors[number].log(), values[number], {"node": number}, legal)

    start = torch.zeros(COPIES, dtype=torch.int64)
    legal = torch.ones(COPIES, actions, dtype=torch.bool)
    for copy in range(1, COPIES):
        legal[copy, copy:] = False
    root = Root(priors[start].log(), values[start], {"node": start})
    simulations = content["tree"]["visit"] - 1
    return search(root, advance, simulations=simulations, rule=make_rule(content), legal=legal, body=body).tree


def list_nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    """List the nodes of an expected tree that were evaluated, in the order of their evaluation."""
    nodes, waiting = [], [node]
    while waiting:
        node = waiting.pop()
        if "evaluation_index" in node:
            nodes.append(node)
        waiting += node["child_stats"]
    return sorted(nodes, key=lambda one: one["evaluation_index"])


def compare(content: dict[str, Any], body: Body) -> tuple[int, list[str]]:
    """Return how many nodes an expected tree has, and what differs in ours, built by tensor operations or kernels."""
    tree = build(content, body)
    differences = []
    nodes = list_nodes(content["tree"])
    if int(tree.sizes[0]) != len(nodes):
        differences.append(f"{int(tree.sizes[0])} nodes instead of {len(nodes)}")
    every_row = torch.arange(tree.nodes)
    measured = {
        "visit": 1 + tree.edge_visits(every_row).sum(1),
        "value_view": tree.node_values(every_row),
        "raw_value_view": tree.raw_values[every_row],
        "reward": tree.rewards[every_row],
    }
    for node in nodes:
        row = node["evaluation_index"]
        if row >= int(tree.sizes[0]):
            differences.append(f"node {row} is missing")
            continue
        for name, values in measured.items():
            expected = node.get(name, 0.0)
            if abs(float(values[row]) - expected) > TOLERANCE:
                differences.append(f"node {row}: {name} {float(values[row]):.6f} instead of {expected:.6f}")
        for child in node["child_stats"]:
            reached = int(tree.children[row * tree.actions + child["action"]])
            expected_child = child.get("evaluation_index", tree.end)
            if reached != expected_child:
                differences.append(f"node {row}, action {child['action']}: leads to {reached}, not {expected_child}")
            prior = float(tree.priors[row, child["action"]])
            if abs(prior - child["prior"]) > TOLERANCE:
                differences.append(f"node {row}, action {child['action']}: prior {prior:.6f}, not {child['prior']:.6f}")
    return len(nodes), differences
