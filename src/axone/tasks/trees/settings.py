"""The settings of boosted trees on the features of a network.

This module imports no torch: flags are checked and `--help` is printed without it.
"""

from __future__ import annotations

from axone.messages import mark
from axone.settings import option
from axone.tasks.classification.settings import ImageClassificationSettings


class TreeSettings(ImageClassificationSettings):
    """The settings of image classifiers that end in boosted trees."""

    from_: str = option("", mark("run whose trained network computes the features; empty: a network is trained first"))
    layer: str = option("", mark("layer whose outputs are the features; empty: the last one before the head"))
    rounds: int = option(400, mark("largest number of boosting rounds, of one tree per class each"), ge=1, le=10_000)
    tree_depth: int = option(6, mark("largest depth of a tree"), ge=1, le=12)
    tree_learning_rate: float = option(0.1, mark("learning rate of the boosting: factor of each tree"), gt=0, le=1)
    tree_patience: int = option(15, mark("early stopping: boosting rounds without a lower validation loss"), ge=1)
    compare: bool = option(True, mark("also train trees on raw pixels, for the comparison in the report"))
