"""Gradient-boosted trees from vectors of features: XGBoost, with early stopping on held-out examples.

Paper: Chen and Guestrin 2016, "XGBoost: A Scalable Tree Boosting System", arXiv:1603.02754.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.errors import ResourceError
from axone.messages import _

BINS = 64  # groups of values of a feature between which a question may divide; XGBoost's own 256 take longer


@dataclass(frozen=True)
class Examples:
    """What trees learn from: vectors and their classes."""

    vectors: Float[Tensor, "samples features"]
    targets: Int64[Tensor, " samples"]


@dataclass(frozen=True)
class Grown:
    """Trees as an `xgboost.Booster`, and how they came about."""

    booster: Any
    rounds: int  # that were kept: up to the one that answered the held-out examples best
    gains: Float[Tensor, " features"]  # what the questions to each feature took off the training error, in all


def library() -> Any:
    """Return the module xgboost. Raises ResourceError, saying what to type, when it is not installed."""
    try:
        import xgboost
    except ImportError as error:
        raise ResourceError(
            _("This system grows its trees with XGBoost, which is not installed."),
            hint=_("type: pip install 'axone[trees]'"),
        ) from error
    return xgboost


def grow(
    train: Examples,
    held: Examples | None,
    classes: int,
    *,
    rounds: int,
    depth: int,
    rate: float,
    patience: int,
    even: bool,
    seed: int,
    tell: Callable[[int, int], None],
) -> Grown:
    """Grow one tree a class in each round, until the held-out examples are answered no better, or `rounds` end.

    `even` weighs classes alike however rare. `tell(done, total)` is called behind each round, and may raise.
    Raises ResourceError without XGBoost.
    """
    xgboost = library()

    class News(xgboost.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            tell(epoch + 1, rounds)
            return False

    counts = torch.bincount(train.targets, minlength=classes).clamp_min(1)
    rarity = (len(train.targets) / (classes * counts))[train.targets]
    matrix = xgboost.QuantileDMatrix(
        train.vectors.numpy(), train.targets.numpy(), weight=rarity.numpy() if even else None, max_bin=BINS
    )
    checked = held and xgboost.QuantileDMatrix(held.vectors.numpy(), held.targets.numpy(), max_bin=BINS, ref=matrix)
    booster = xgboost.train(
        {
            "objective": "multi:softprob",  # trees correct the softmax's error, one tree a class in each round
            "num_class": classes,
            "base_score": 0.0,  # so that a logit is the sum of the leaves and nothing else
            "tree_method": "hist",
            "max_bin": BINS,
            "max_depth": depth,
            "learning_rate": rate,
            # Half of the examples for a round, half of the features for a tree, a fifth of these for a question:
            # trees that differ correct each other, and learn less by heart.
            "subsample": 0.5,
            "colsample_bytree": 0.5,
            "colsample_bynode": 0.2,
            "seed": seed % 2**31,
            "nthread": torch.get_num_threads(),
            "verbosity": 0,
        },
        matrix,
        rounds,
        evals=[(checked, "held")] if checked else [],
        early_stopping_rounds=patience if checked else None,
        callbacks=[News()],
        verbose_eval=False,
    )
    if checked:
        booster = booster[: booster.best_iteration + 1]
    gains = torch.zeros(train.vectors.shape[1])
    for name, gain in booster.get_score(importance_type="total_gain").items():
        gains[int(name.removeprefix("f"))] = gain
    return Grown(booster, booster.num_boosted_rounds(), gains)
