"""Metrics of classifiers and regressors on tables, and permutation importance.

Each function follows the definition that scikit-learn uses; the tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Shaped

from axone.data.random import make_generator

Scores = Float[np.ndarray, " rows"]
Labels = Shaped[np.ndarray, " rows"]  # True or 1 for the positive class


class Curve(NamedTuple):
    """The points of a curve, and the area under it."""

    x: Float[np.ndarray, " points"]
    y: Float[np.ndarray, " points"]
    area: float
    thresholds: Float[np.ndarray, " points"]


class CalibrationBins(NamedTuple):
    """Rows grouped by their predicted probability."""

    mean_predicted: Float[np.ndarray, " bins"]
    fraction_positive: Float[np.ndarray, " bins"]
    rows: Shaped[np.ndarray, " bins"]


def roc_curve(labels: Labels, scores: Scores) -> Curve:
    """Return false positive rate (x) and true positive rate (y) at each threshold, and the area under the curve."""
    true, false, thresholds = _cumulative_counts(labels, scores)
    y, x = (np.concatenate([[0.0], counts / max(1, counts[-1])]) for counts in (true, false))
    return Curve(x, y, float(np.trapezoid(y, x)), np.concatenate([[np.inf], thresholds]))


def precision_recall_curve(labels: Labels, scores: Scores) -> Curve:
    """Return recall (x) and precision (y) at each threshold, and the average precision as the area."""
    true, false, thresholds = _cumulative_counts(labels, scores)
    recall, precision = true / max(1, true[-1]), true / (true + false)
    area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    return Curve(recall, precision, area, thresholds)


def calibration_curve(labels: Labels, probabilities: Scores, bins: int = 10) -> CalibrationBins:
    """Group rows into bins of equal width by their predicted probability; empty bins are left out."""
    index = np.clip((probabilities * bins).astype(int), 0, bins - 1)
    rows = np.bincount(index, minlength=bins)
    used = rows > 0
    mean_predicted = np.bincount(index, probabilities, bins)[used] / rows[used]
    fraction_positive = np.bincount(index, labels.astype(float), bins)[used] / rows[used]
    return CalibrationBins(mean_predicted, fraction_positive, rows[used])


def best_threshold(labels: Labels, probabilities: Scores, rule: str) -> float:
    """Return the decision threshold that maximizes a metric.

    The threshold lies halfway between two probabilities, so that no row has exactly this probability.

    Args:
        labels: True or 1 for the positive class.
        probabilities: Predicted probabilities of the positive class.
        rule: "f1" for the F1 score, or "balanced" for balanced accuracy (equivalent to Youden's index).
    """
    true, false, thresholds = _cumulative_counts(labels, probabilities)
    recall = true / max(1, true[-1])
    if rule == "f1":
        metric = 2 * true / np.maximum(1, true + false + true[-1])
    elif rule == "balanced":
        metric = recall - false / max(1, false[-1])
    else:
        raise ValueError(f"unknown rule {rule!r}")
    best = int(metric.argmax())
    below = thresholds[best + 1] if best + 1 < len(thresholds) else 0.0
    return float((thresholds[best] + below) / 2)


def threshold_metrics(labels: Bool[np.ndarray, " rows"], probabilities: Scores, threshold: float) -> dict[str, float]:
    """Return precision, recall, F1 score and accuracy of the classifier with a decision threshold."""
    predicted = probabilities >= threshold
    true = float((predicted & labels).sum())
    precision, recall = true / max(1, int(predicted.sum())), true / max(1, int(labels.sum()))
    f1 = 2 * precision * recall / (precision + recall) if true else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "accuracy": float((predicted == labels).mean())}


def r2_score(targets: Float[np.ndarray, "rows targets"], values: Float[np.ndarray, "rows targets"]) -> float:
    """Return the coefficient of determination, averaged over the targets; 0 for a constant target."""
    total = ((targets - targets.mean(0)) ** 2).sum(0)
    residual = ((targets - values) ** 2).sum(0)
    return float(np.where(total > 0, 1 - residual / np.where(total > 0, total, 1.0), 0.0).mean())


def permutation_importance(
    score: Callable[[int | None, np.ndarray | None], float], columns: int, rows: int, *, repeats: int = 5, seed: int = 0
) -> Float[np.ndarray, "columns repeats"]:
    """Return how much the score decreases when the values of a column are permuted among the rows (Breiman 2001).

    Args:
        score: `score(column, order)` evaluates the model with the values of this column in this order;
            `score(None, None)` evaluates it on the original rows.
        columns: Number of columns.
        rows: Number of rows.
        repeats: Permutations of each column.
        seed: Seed of the permutations.
    """
    baseline = score(None, None)
    decreases = np.empty((columns, repeats))
    for column in range(columns):
        for repeat in range(repeats):
            generator = make_generator("importance", seed, column, repeat)
            order = np.random.default_rng(generator.initial_seed()).permutation(rows)
            decreases[column, repeat] = baseline - score(column, order)
    return decreases


def _cumulative_counts(labels: Labels, scores: Scores) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the true positives, the false positives and the threshold for each distinct score, highest first."""
    order = np.argsort(-scores, kind="stable")
    scores, labels = scores[order], labels[order].astype(bool)
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    true = np.cumsum(labels)[last]
    return true, last + 1 - true, scores[last]
