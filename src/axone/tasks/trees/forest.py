"""Grown trees as tensors: an ordinary torch module that answers like the XGBoost model it was read from.

Every tree is stored as a perfect one of the same depth, laid out as a heap: the children of node i are 2i + 1 (where
the feature is smaller than the threshold) and 2i + 2. A batch descends all trees at once, one gather a level. So the
trees are saved, checked, moved and exported like weights, answer without XGBoost, and nothing of XGBoost's own format
is ever read from a file.

Paper: Nakandala et al. 2020, "A Tensor Compiler for Unified Machine Learning Prediction Serving", OSDI (there:
perfect tree traversal).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

MOST_PLACES = 4_000_000  # of examples times trees that are worked on at once


class Forest(nn.Module):
    """At most `rounds` rounds of one tree a class, each at most `depth` levels deep; empty until `take`."""

    feature: Tensor
    threshold: Tensor
    leaf: Tensor
    grown: Tensor

    def __init__(self, rounds: int, classes: int, depth: int) -> None:
        super().__init__()
        self.depth = depth
        self.register_buffer("feature", torch.zeros(rounds, classes, 2**depth - 1, dtype=torch.int32))
        self.register_buffer("threshold", torch.zeros(rounds, classes, 2**depth - 1))
        self.register_buffer("leaf", torch.zeros(rounds, classes, 2**depth))
        self.register_buffer("grown", torch.zeros((), dtype=torch.int64))  # rounds that hold trees

    @property
    def rounds(self) -> int:
        """Rounds of trees that there are; 0 before they were grown."""
        return int(self.grown)

    def forward(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        """Return the sum of each class's trees: logits, as the softmax objective defines them."""
        rounds, classes = self.rounds, self.leaf.shape[1]
        trees = rounds * classes
        feature = self.feature[:rounds].reshape(trees, -1).long()
        threshold = self.threshold[:rounds].reshape(trees, -1)
        leaf = self.leaf[:rounds].reshape(trees, -1)
        parts = []
        for some in features.split(max(1, MOST_PLACES // max(1, trees))):
            columns = some.t().contiguous()
            place = torch.zeros(trees, len(some), dtype=torch.int64, device=some.device)
            for _level in range(self.depth):
                value = columns.gather(0, feature.gather(1, place))
                place = 2 * place + 1 + (value >= threshold.gather(1, place)).long()
            sums = leaf.gather(1, place - (2**self.depth - 1)).reshape(rounds, classes, -1).sum(0)
            parts.append(sums.t())
        return torch.cat(parts)

    @torch.no_grad()
    def take(self, booster: Any) -> Forest:
        """Hold the trees of an `xgboost.Booster` whose margins are the sums of its leaves (base_score 0)."""
        model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
        classes = self.leaf.shape[1]
        trees = model["trees"]
        feature, threshold, leaf = (torch.zeros_like(each) for each in (self.feature, self.threshold, self.leaf))
        for number, (tree, kind) in enumerate(zip(trees, model["tree_info"], strict=True)):
            layout = _perfect(tree, self.depth)
            round_, kind = number // classes, int(kind)
            feature[round_, kind] = torch.tensor(layout[0], dtype=torch.int32)
            threshold[round_, kind] = torch.tensor(layout[1])
            leaf[round_, kind] = torch.tensor(layout[2])
        self.feature.copy_(feature)
        self.threshold.copy_(threshold)
        self.leaf.copy_(leaf)
        self.grown.fill_(len(trees) // classes)
        return self


def _perfect(tree: Mapping[str, Any], depth: int) -> tuple[list[int], list[float], list[float]]:
    """Lay one tree of XGBoost's JSON out as a perfect one: features, thresholds, leaves."""
    left, right = tree["left_children"], tree["right_children"]
    inner = 2**depth - 1
    features, thresholds, leaves = [0] * inner, [0.0] * inner, [0.0] * (inner + 1)
    waiting = [(0, 0)]  # (XGBoost's node, its place in the heap)
    while waiting:
        node, place = waiting.pop()
        if left[node] == -1:
            # A leaf above the lowest level fills all places below it: whatever is asked there, its answer comes out.
            first, last = place, place
            while first < inner:
                first, last = 2 * first + 1, 2 * last + 2
            value = tree["split_conditions"][node]  # of a leaf: its answer
            leaves[first - inner : last - inner + 1] = [value] * (last - first + 1)
        else:
            features[place], thresholds[place] = tree["split_indices"][node], tree["split_conditions"][node]
            waiting += [(left[node], 2 * place + 1), (right[node], 2 * place + 2)]
    return features, thresholds, leaves
