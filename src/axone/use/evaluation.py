"""The metrics of trained weights on the data of an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from axone.engine.machine.precision import choose_precision
from axone.engine.recorder import Recorder
from axone.errors import RunError
from axone.messages import _
from axone.settings import Settings

if TYPE_CHECKING:
    from axone.engine.experiment import Experiment


def require_same_classes(facts: Mapping[str, Any], data_facts: Mapping[str, Any]) -> None:
    """Raise RunError unless the classes of data, of which `data_facts` are known, are those of the run with `facts`."""
    if data_facts.get("classes") != facts.get("classes"):
        raise RunError(
            _("The classes of these data are not those of the model."),
            expected=_("model: {known}; data: {found}", known=facts.get("classes"), found=data_facts.get("classes")),
        )


def measure_splits(
    experiment: Experiment, settings: Settings, weights: dict[str, Tensor], device: torch.device, recorder: Recorder
) -> dict[str, dict[str, float]]:
    """Return the metrics of weights on the validation and the test data of an experiment, {} where there are none.

    Args:
        experiment: The data and the learner; the weights are loaded into its networks.
        settings: Those of the training.
        weights: The weights, of the whole learner.
        device: Where the metrics are computed.
        recorder: Receives the progress.
    """
    from axone.engine.interrupt import StopFlag
    from axone.engine.training import Training

    dtype = choose_precision(settings.precision, device)
    training = Training(experiment, settings, recorder, device, dtype, StopFlag())
    experiment.learner.load_weights(weights)
    for optimizer in experiment.learner.optimizers.values():
        optimizer.averages = []  # the loaded weights already are the averaged ones
    splits = {"validation": training.validation, "test": experiment.test and experiment.test.to(device)}
    texts = {"validation": _("validating"), "test": _("testing")}
    return {name: training.evaluate(stream, 1, texts[name]) if stream else {} for name, stream in splits.items()}
