"""The data of an image classifier: batches with augmentation and class balance, and what the run must know of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.in_memory.collection import InMemoryImages
from axone.data.images.report import count_classes, is_imbalanced
from axone.data.images.stream import ImageStream
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.messages import _
from axone.tasks.classification.augmentation import are_characters, choose_augmentation, choose_mixing
from axone.tasks.classification.learner import Classifier
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.images.splits import Statistics, read_splits

MakeFigures = Callable[[Experiment, bool], Iterable[Any]]  # (experiment, whether it is the end) -> figures, tables


@dataclass(frozen=True)
class ClassificationData:
    """Streams of normalized images with their classes, and the facts of a run."""

    train: ImageStream
    validation: ImageStream | None
    test: ImageStream | None
    facts: dict[str, Any]  # task, classes, input, mean, std, samples, source, fingerprint
    class_weights: Float[Tensor, " classes"] | None  # in the loss; None: 1
    notes: list[str]  # sentences on the data
    report: dict[str, Any]  # the content of data_report.json

    def experiment(self, learner: Classifier, figures: MakeFigures, notes: Sequence[str] = ()) -> Experiment:
        """Return the training of a learner on these data, which keeps the weights with the highest accuracy.

        Without validation images, it keeps those of the last epoch.

        `notes` are sentences to add to those on the data.
        """
        return Experiment(
            learner,
            self.train,
            self.validation,
            self.test,
            self.facts,
            monitor="accuracy",
            without_validation="last",
            notes=[*self.notes, *notes],
            report=self.report,
            figures=figures,
        )


def read_data(
    settings: ImageClassificationSettings, context: BuildContext, *, statistics: Statistics | None = None
) -> ClassificationData:
    """Read and split the images that `settings.data` names; augment and balance the training set.

    Args:
        settings: The settings of the classifier.
        context: With the facts of a run, images are read as the run read its own.
        statistics: The mean and standard deviation of each channel for normalization, which pretrained weights
            require; None: those of the training images.

    Raises DataError, ResourceError.
    """
    splits = read_splits(settings, context, statistics=statistics)
    facts, labels = {"task": "image-classification", **splits.facts}, splits.train.labels
    notes = list(splits.notes)
    if settings.augment != "none" and are_characters(facts["classes"]):
        notes.append(
            _("The classes are single characters, so augmentation does not mirror images: 6 must not become 9.")
        )
    counts = count_classes(labels, len(facts["classes"]))
    if settings.balance == "none" and is_imbalanced(counts):
        notes.append(_("To give rare classes the weight of the others, add --balance weights or --balance sampling."))
    # Inverse class frequencies, scaled so that their mean over the training images is 1.
    weights = len(labels) / (len(counts) * torch.tensor(counts).clamp_min(1))  # [classes]
    chosen = weights[labels] if settings.balance == "sampling" else None
    if isinstance(source := context.source(settings.data), InMemoryImages) and source.weights is not None:
        own = torch.from_numpy(source.weights)[splits.train.indices].float()
        chosen = own if chosen is None else chosen * own
    train = splits.training_stream(
        augment=choose_augmentation(settings, facts, splits.train),
        mix=choose_mixing(settings),
        sample_weights=chosen,
    )
    return ClassificationData(
        train,
        splits.evaluation_stream(splits.validation),
        splits.evaluation_stream(splits.test),
        facts,
        weights if settings.balance == "weights" else None,
        notes,
        splits.report,
    )
