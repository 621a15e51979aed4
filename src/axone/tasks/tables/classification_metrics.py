"""What a model of tables can be asked, in numbers: whom it ranks first, how sure it should be, what it looks at.

Each function is a definition from the field, in numpy, and is tested against scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Shaped

from axone.data.random import make_generator

Scores = Float[np.ndarray, " rows"]
Truth = Shaped[np.ndarray, " rows"]  # true or 1 for the class asked about


class Curve(NamedTuple):
    """A curve through points, and the area under it."""

    x: Float[np.ndarray, " points"]
    y: Float[np.ndarray, " points"]
    area: float
    thresholds: Float[np.ndarray, " points"]


class Bins(NamedTuple):
    """Rows put together by how sure the model was: its mean probability, the share that was so, and how many."""

    said: Float[np.ndarray, " bins"]
    true: Float[np.ndarray, " bins"]
    rows: Shaped[np.ndarray, " bins"]


def _steps(truth: Truth, scores: Scores) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, from the highest score down, how many were right and wrong so far, at each different score."""
    order = np.argsort(-scores, kind="stable")
    scores, truth = scores[order], truth[order].astype(bool)
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    right = np.cumsum(truth)[last]
    return right, last + 1 - right, scores[last]


def roc(truth: Truth, scores: Scores) -> Curve:
    """Return the share of false alarms (x) and of hits (y) at each threshold, and the area under the curve."""
    right, wrong, thresholds = _steps(truth, scores)
    y, x = (np.concatenate([[0.0], part / max(1, part[-1])]) for part in (right, wrong))
    return Curve(x, y, float(np.trapezoid(y, x)), np.concatenate([[np.inf], thresholds]))


def precision_recall(truth: Truth, scores: Scores) -> Curve:
    """Return recall (x) and precision (y) at each threshold, and the average precision as the area."""
    right, wrong, thresholds = _steps(truth, scores)
    recall, precision = right / max(1, right[-1]), right / (right + wrong)
    area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    return Curve(recall, precision, area, thresholds)


def calibration(truth: Truth, chances: Scores, bins: int = 10) -> Bins:
    """Put rows together by their probability, in equal steps; bins without rows are left out."""
    place = np.clip((chances * bins).astype(int), 0, bins - 1)
    rows = np.bincount(place, minlength=bins)
    used = rows > 0
    said = np.bincount(place, chances, bins)[used] / rows[used]
    true = np.bincount(place, truth.astype(float), bins)[used] / rows[used]
    return Bins(said, true, rows[used])


def best_threshold(truth: Truth, chances: Scores, rule: str) -> float:
    """Return the probability from which on "yes" is the best answer by a rule.

    "f1": the highest harmonic mean of precision and recall; "balanced": the highest mean of the shares of both
    classes that are answered rightly (Youden's index). Halfway between two scores, so that neither lies on it.
    """
    right, wrong, thresholds = _steps(truth, chances)
    hits = right / max(1, right[-1])
    if rule == "f1":
        worth = 2 * right / np.maximum(1, right + wrong + right[-1])
    elif rule == "balanced":
        worth = hits - wrong / max(1, wrong[-1])
    else:
        raise ValueError(f"unknown rule {rule!r}")
    best = int(worth.argmax())
    below = thresholds[best + 1] if best + 1 < len(thresholds) else 0.0
    return float((thresholds[best] + below) / 2)


def importance(
    score: Callable[[int | None, np.ndarray | None], float], columns: int, rows: int, *, repeats: int = 5, seed: int = 0
) -> Float[np.ndarray, "columns repeats"]:
    """Return how much the score falls when a column's values are shuffled among the rows (Breiman 2001).

    `score(column, order)` measures with the values of that column put into that order; `score(None, None)` as it is.
    """
    whole = score(None, None)
    falls = np.empty((columns, repeats))
    for column in range(columns):
        for repeat in range(repeats):
            generator = make_generator("importance", seed, column, repeat)
            order = np.random.default_rng(generator.initial_seed()).permutation(rows)
            falls[column, repeat] = whole - score(column, order)
    return falls


def at_threshold(truth: Bool[np.ndarray, " rows"], chances: Scores, threshold: float) -> dict[str, float]:
    """Return precision, recall, F1 and the share of right answers when "yes" begins at a threshold."""
    said = chances >= threshold
    right = float((said & truth).sum())
    precision, recall = right / max(1, int(said.sum())), right / max(1, int(truth.sum()))
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "accuracy": float((said == truth).mean())}
