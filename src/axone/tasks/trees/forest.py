"""Boosted trees as tensors: a torch module with the outputs of the XGBoost model from which it was copied.

Every tree is stored as a perfect binary tree of the same depth in heap order: the children of node i are 2i + 1 (where
the feature is smaller than the threshold) and 2i + 2. A batch passes through all trees at once, one gather per level.
So the trees are saved, verified, moved and exported like weights, need no XGBoost at inference, and no file in
XGBoost's own format is ever read.

Paper: Nakandala et al. 2020, "A Tensor Compiler for Unified Machine Learning Prediction Serving", OSDI (the strategy
that it calls perfect tree traversal).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

MAX_NODES = 4_000_000  # current nodes (one per example and tree) held at once; larger batches are split


class Forest(nn.Module):
    """Up to `rounds` rounds of one tree per class, each up to `depth` splits deep; empty until `copy_from`.

    Args:
        rounds: Capacity: the largest number of boosting rounds.
        classes: The number of classes, hence of trees in a round.
        depth: The largest number of splits from a root to a leaf.
    """

    feature: Tensor  # [rounds, classes, inner nodes]: index of the feature that a node compares
    threshold: Tensor  # [rounds, classes, inner nodes]
    leaf: Tensor  # [rounds, classes, leaves]
    grown: Tensor  # []: the number of rounds that hold trees

    def __init__(self, rounds: int, classes: int, depth: int) -> None:
        super().__init__()
        self.depth = depth
        self.register_buffer("feature", torch.zeros(rounds, classes, 2**depth - 1, dtype=torch.int32))
        self.register_buffer("threshold", torch.zeros(rounds, classes, 2**depth - 1))
        self.register_buffer("leaf", torch.zeros(rounds, classes, 2**depth))
        self.register_buffer("grown", torch.zeros((), dtype=torch.int64))
        # The same number for Python, so that `forward` never reads a tensor's value: torch.export takes it as a
        # constant.
        self.rounds = 0
        self.register_load_state_dict_post_hook(Forest._read_rounds)

    def forward(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        """Return the sum of each class's trees: logits, as the softmax objective defines them."""
        if torch.compiler.is_exporting():  # the number of chunks would depend on the size of the batch
            return self._sum_trees(features)
        chunk = max(1, MAX_NODES // max(1, self.rounds * self.leaf.shape[1]))
        return torch.cat([self._sum_trees(some) for some in features.split(chunk)])

    def _sum_trees(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        rounds, classes = self.rounds, self.leaf.shape[1]
        trees = rounds * classes
        feature = self.feature[:rounds].reshape(trees, -1).long()  # [trees, inner nodes]
        threshold = self.threshold[:rounds].reshape(trees, -1)  # [trees, inner nodes]
        leaf = self.leaf[:rounds].reshape(trees, -1)  # [trees, leaves]
        columns = features.t().contiguous()  # [features, batch]
        node = torch.zeros(trees, features.shape[0], dtype=torch.int64, device=features.device)  # [trees, batch]
        for _level in range(self.depth):
            value = columns.gather(0, feature.gather(1, node))  # [trees, batch]
            node = 2 * node + 1 + (value >= threshold.gather(1, node)).long()
        values = leaf.gather(1, node - (2**self.depth - 1))  # [trees, batch]
        return values.reshape(rounds, classes, -1).sum(0).t()  # [batch, classes]

    @torch.no_grad()
    def copy_from(self, booster: Any) -> Forest:
        """Copy the trees of an `xgboost.Booster` with base_score 0 into the buffers, replacing all earlier ones."""
        model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
        trees, tree_classes = model["trees"], model["tree_info"]
        classes = self.leaf.shape[1]
        for buffer in (self.feature, self.threshold, self.leaf):
            buffer.zero_()
        for number, (tree, class_index) in enumerate(zip(trees, tree_classes, strict=True)):
            place = number // classes, int(class_index)
            features, thresholds, leaves = _complete_tree(tree, self.depth)
            self.feature[place] = torch.tensor(features, dtype=torch.int32)
            self.threshold[place] = torch.tensor(thresholds)
            self.leaf[place] = torch.tensor(leaves)
        self.grown.fill_(len(trees) // classes)
        self.rounds = len(trees) // classes
        return self

    @staticmethod
    def _read_rounds(module: nn.Module, _incompatible_keys: Any) -> None:
        """Set `rounds` from the buffer that was just loaded."""
        assert isinstance(module, Forest)
        module.rounds = int(module.grown)


def _complete_tree(tree: Mapping[str, Any], depth: int) -> tuple[list[int], list[float], list[float]]:
    """Return a tree of XGBoost's JSON as a perfect tree in heap order: features, thresholds, leaves."""
    left, right = tree["left_children"], tree["right_children"]
    inner = 2**depth - 1
    features, thresholds, leaves = [0] * inner, [0.0] * inner, [0.0] * (inner + 1)
    pending = [(0, 0)]  # (XGBoost's node, its position in the heap)
    while pending:
        node, position = pending.pop()
        if left[node] == -1:
            # A leaf above the lowest level is copied to all leaves below it: every path then ends at its value.
            first, last = position, position
            while first < inner:
                first, last = 2 * first + 1, 2 * last + 2
            value = tree["split_conditions"][node]  # where a node is a leaf, this is its value
            leaves[first - inner : last - inner + 1] = [value] * (last - first + 1)
        else:
            features[position], thresholds[position] = tree["split_indices"][node], tree["split_conditions"][node]
            pending += [(left[node], 2 * position + 1), (right[node], 2 * position + 2)]
    return features, thresholds, leaves
