"""Metrics of classifiers of texts with any number of labels."""

from __future__ import annotations

from jaxtyping import Bool
from torch import Tensor


def micro_f1(predicted: Bool[Tensor, "texts labels"], true: Bool[Tensor, "texts labels"]) -> float:
    """Return the F1 score over all labels of all texts: twice the hits, divided by all predicted and all true labels.

    It is 1 where there is no label at all.
    """
    hits, both = int((predicted & true).sum()), int(predicted.sum()) + int(true.sum())
    return 2 * hits / both if both else 1.0
