"""Gradient-boosted trees on feature vectors: XGBoost, with early stopping on a validation set.

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

BINS = 64  # histogram bins of a feature, between which a split may lie; XGBoost's default of 256 takes longer


@dataclass(frozen=True)
class LabeledFeatures:
    """Feature vectors and their classes."""

    features: Float[Tensor, "samples features"]
    targets: Int64[Tensor, " samples"]


@dataclass(frozen=True)
class BoostedTrees:
    """A trained `xgboost.Booster` with what the report says of it."""

    booster: Any
    rounds: int  # boosting rounds up to the best one on the validation set
    gains: Float[Tensor, " features"]  # the total reduction of the training loss by splits on each feature


def import_xgboost() -> Any:
    """Return the module xgboost. Raises ResourceError, with the command to type, where it is not installed."""
    try:
        import xgboost
    except ImportError as error:
        raise ResourceError(
            _("This system trains its trees with XGBoost, which is not installed."),
            hint=_("type: pip install 'axone[trees]'"),
        ) from error
    return xgboost


def train_trees(
    train: LabeledFeatures,
    validation: LabeledFeatures | None,
    classes: int,
    *,
    rounds: int,
    max_depth: int,
    learning_rate: float,
    patience: int,
    balanced: bool,
    seed: int,
    on_round: Callable[[int, int], None],
) -> BoostedTrees:
    """Train one tree per class in each round, until the validation loss stops falling or `rounds` are done.

    Args:
        train: The examples to fit.
        validation: The examples for early stopping; None trains all rounds.
        classes: The number of classes.
        rounds: The largest number of boosting rounds.
        max_depth: The largest number of splits from a tree's root to a leaf.
        learning_rate: The factor by which the leaves of each new tree are multiplied.
        patience: Early stopping: rounds without a smaller validation loss before training stops.
        balanced: Weight the examples so that every class has the same total weight.
        seed: Of the random subsamples.
        on_round: Called as `on_round(done, rounds)` after each round. It may raise to stop the training.

    Raises ResourceError where XGBoost is not installed.
    """
    xgboost = import_xgboost()

    class ReportRounds(xgboost.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            on_round(epoch + 1, rounds)
            return False

    counts = torch.bincount(train.targets, minlength=classes).clamp_min(1)
    sample_weights = (len(train.targets) / (classes * counts))[train.targets]  # [samples], their mean is 1
    matrix = xgboost.QuantileDMatrix(
        train.features.numpy(),
        train.targets.numpy(),
        weight=sample_weights.numpy() if balanced else None,
        max_bin=BINS,
    )
    held_out = validation and xgboost.QuantileDMatrix(
        validation.features.numpy(), validation.targets.numpy(), max_bin=BINS, ref=matrix
    )
    booster = xgboost.train(
        {
            "objective": "multi:softprob",  # softmax over one sum of trees per class
            "num_class": classes,
            "base_score": 0.0,  # so that a logit is the sum of the leaves and nothing else
            "tree_method": "hist",
            "max_bin": BINS,
            "max_depth": max_depth,
            "learning_rate": learning_rate,
            # Half of the examples in a round, half of the features in a tree, a fifth of these at a split: trees that
            # differ from each other overfit less.
            "subsample": 0.5,
            "colsample_bytree": 0.5,
            "colsample_bynode": 0.2,
            "seed": seed % 2**31,
            "nthread": torch.get_num_threads(),
            "verbosity": 0,
        },
        matrix,
        rounds,
        evals=[(held_out, "validation")] if held_out else [],
        early_stopping_rounds=patience if held_out else None,
        callbacks=[ReportRounds()],
        verbose_eval=False,
    )
    if held_out:
        booster = booster[: booster.best_iteration + 1]
    gains = torch.zeros(train.features.shape[1])
    for name, gain in booster.get_score(importance_type="total_gain").items():
        gains[int(name.removeprefix("f"))] = gain
    return BoostedTrees(booster, booster.num_boosted_rounds(), gains)
