"""The decision threshold between two classes: a buffer of the network, chosen on the validation set after training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from axone.data.tables.columns import Encoded
from axone.data.tables.stream import TableStream
from axone.engine.experiment import Experiment, FinishContext
from axone.tasks.tables.learner import compute_outputs
from axone.tasks.tables.metrics import best_threshold
from axone.tasks.tables.settings import TableSettings


def add_threshold(network: nn.Module, facts: Mapping[str, Any]) -> nn.Module:
    """Register the buffer `threshold` (0.5) in a network for two classes, so that it is saved with the weights."""
    if len(facts["classes"]) == 2:
        network.register_buffer("threshold", torch.tensor(0.5))
    return network


def threshold_chooser(
    settings: TableSettings, facts: Mapping[str, Any]
) -> Callable[[Experiment, FinishContext], None] | None:
    """Return the postprocessing that chooses the threshold by `settings.threshold`; None where 0.5 stays.

    The validation set decides; without one, the training set.
    """
    if len(facts["classes"]) != 2 or settings.threshold == "half":
        return None

    def choose_threshold(experiment: Experiment, context: FinishContext) -> None:
        stream, network = experiment.validation or experiment.train, experiment.learner.networks["network"]
        assert isinstance(stream, TableStream)
        rows = Encoded(stream.numbers[stream.indices], stream.categories[stream.indices])
        probabilities = compute_outputs(network, rows, is_classification=True)[:, 1].double().numpy()
        targets = stream.targets[stream.indices].cpu().numpy()
        network.get_buffer("threshold").fill_(best_threshold(targets, probabilities, settings.threshold))

    return choose_threshold
