"""Naming what a picture shows: from a folder or a known set to an experiment, to answers, to what a report shows.

Every image classifier of the course shares these: `experiment` (read, split, normalize, stream), `predict`
(files or arrays to class and probability) and `exhibits` (kernels, confusion, worst mistakes, figures per class).
What differs, the network, stays in the system's own file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from axone.data.images.report import count_classes, is_imbalanced
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.messages import _
from axone.tasks.classification.augmentation import are_characters, choose_augmentation, choose_mixing
from axone.tasks.classification.figures import make_figures
from axone.tasks.classification.learner import Classifier
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.classification.views import Views, views_of
from axone.tasks.images.splits import Statistics, read_parts


def experiment(
    settings: ImageClassificationSettings,
    context: BuildContext,
    network: Callable[[dict[str, Any]], nn.Module],
    *,
    statistics: Statistics | None = None,
    learner: Callable[[Any, Any, Views | None], Classifier] = Classifier,
) -> Experiment:
    """Read the pictures that `settings.data` names and stand `network(facts)` in front of them.

    `statistics` are the mean and standard deviation of each channel that a network which is trained already was
    trained with; others are taken from the data. `learner(network, settings, views)` makes what trains it.
    Raises DataError, ResourceError.
    """
    parts = read_parts(settings, context, statistics=statistics)
    facts, notes, train = {"task": "image-classification", **parts.facts}, parts.notes, parts.train
    if settings.augment != "none" and are_characters(facts["classes"]):
        notes.append(
            _("The classes are single characters: augmentation does not mirror them, or a 6 would become a 9.")
        )
    found = count_classes(train.labels, len(facts["classes"]))
    if settings.balance == "none" and is_imbalanced(found):
        notes.append(_("To train the rare classes as much as the others: --balance weights, or --balance sampling."))
    # How rare a class is: its mean over the training images is 1.
    rarity = len(train) / (len(found) * torch.tensor(found).clamp_min(1))
    stream = parts.stream(
        augment=choose_augmentation(settings, facts), mix=choose_mixing(settings),
        sample_weights=rarity[train.labels] if settings.balance == "sampling" else None,
    )  # fmt: skip
    made = learner(network(facts), settings, views_of(settings))
    if settings.balance == "weights":
        made.class_weights = rarity
    return Experiment(
        learner=made,
        train=stream,
        validation=parts.measured(parts.validation),
        test=parts.measured(parts.test),
        facts=facts,
        monitor="accuracy",
        notes=notes,
        report=parts.report,
        figures=make_figures,
    )
