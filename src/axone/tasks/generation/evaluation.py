"""How generated images are evaluated: a stream of one batch that asks for them, and real images to compare with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from axone.data.images.dataset import Subset
from axone.data.stream import StatelessStream
from axone.engine.metrics import Metrics
from axone.tasks.generation.evaluator import Evaluator, Features
from axone.tasks.generation.metrics import (
    Moments,
    compute_moments,
    count_shares,
    frechet_distance,
    precision_and_recall,
)
from axone.tasks.images.splits import Splits

FEWEST_REAL = 500  # if fewer images are held out, generated images are compared with training images
COMPARED_IMAGES = 2000  # of each side for precision and recall, which need all pairwise distances
COVERAGE_IMAGES = 1000  # among which the classes are counted


class EvaluationBatch(NamedTuple):
    """What a learner needs to evaluate its generator: the classes to generate, and the real images."""

    labels: Int64[Tensor, " images"]  # the classes of the images to generate, as frequent as among the real images
    real: RealImages


class RealImages:
    """Real images that generated ones are compared with; their features are extracted once, on first use.

    Args:
        evaluator: The network whose features are compared.
        images: The real images.
        classes: The names of the classes.
        most: The largest number of images to use, evenly spaced among all.
    """

    def __init__(self, evaluator: Evaluator, images: Subset, classes: Sequence[str], most: int) -> None:
        self.evaluator, self.classes = evaluator, list(classes)
        self.images = Subset(images.dataset, take_evenly(images.indices, most))

    @cached_property
    def features(self) -> Features:
        """The evaluator's features and predicted classes of the real images."""
        return self.evaluator.extract(self.images.pixels)

    @cached_property
    def moments(self) -> Moments:
        """The mean and covariance of the features."""
        return compute_moments(self.features.values)

    def compare(
        self, generated: UInt8[Tensor, "images height width channels"], labels: Int64[Tensor, " images"]
    ) -> Metrics:
        """Return Fréchet distance, precision, recall and, if the evaluator knows the classes, two metrics of classes.

        `class_coverage` is the share of the classes that the evaluator recognizes at least once among a thousand
        generated images; `class_agreement` is the share of images that it recognizes as the class in `labels`.
        """
        features = self.evaluator.extract(generated)
        precision, recall = precision_and_recall(
            take_evenly(self.features.values, COMPARED_IMAGES), take_evenly(features.values, COMPARED_IMAGES)
        )
        distance = frechet_distance(self.moments, compute_moments(features.values))
        name = self.evaluator.name_metric
        metrics = {name("frechet_distance"): distance, name("precision"): precision, name("recall"): recall}
        if self.evaluator.knows_classes:
            shares = count_shares(take_evenly(features.predictions, COVERAGE_IMAGES), len(self.classes))
            metrics[name("class_coverage")] = float((shares > 0).double().mean())
            metrics[name("class_agreement")] = float((features.predictions == labels).double().mean())
        return {name: torch.tensor(value) for name, value in metrics.items()}


class EvaluationStream(StatelessStream[EvaluationBatch]):
    """An evaluation as a stream: one batch, which asks for `count` generated images.

    Args:
        real: The real images to compare with.
        count: The number of images to generate.
    """

    def __init__(self, real: RealImages, count: int) -> None:
        self.real, self.count = real, count

    @property
    def samples(self) -> int:
        """The number of images to generate."""
        return self.count

    def __len__(self) -> int:
        """Return the number of batches: 1."""
        return 1

    def batches(self, epoch: int, start: int = 0) -> Iterator[EvaluationBatch]:
        """Yield the one batch; its classes are as frequent as those of the real images."""
        positions = torch.linspace(0, len(self.real.images) - 1, self.count).round().long()
        yield from [EvaluationBatch(self.real.images.labels[positions], self.real)][start:]

    def to(self, device: torch.device | str) -> EvaluationStream:
        """Return the stream itself: the evaluator chooses its own device."""
        return self


def make_evaluation(evaluator: Evaluator, splits: Splits, part: Subset, most: int) -> EvaluationStream:
    """Return the evaluation against one part of the images, or against the training images if that part is small.

    At most `most` images are generated: as many as there are real ones, but not fewer than the evaluator wants.
    """
    images = part if len(part) >= min(FEWEST_REAL, len(splits.train)) else splits.train
    count = min(most, max(evaluator.counts.fewest, len(images)))
    return EvaluationStream(RealImages(evaluator, images, splits.facts["classes"], count), count)


def take_evenly(rows: Tensor, most: int) -> Tensor:
    """Return at most `most` rows of a tensor, evenly spaced, with the first and the last."""
    return rows[torch.linspace(0, len(rows) - 1, min(most, len(rows))).round().long()]
