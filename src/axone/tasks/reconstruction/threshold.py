"""The threshold of the anomaly score: a quantile of the reconstruction errors of held-out examples."""

from __future__ import annotations

import torch

from axone.engine.experiment import Experiment, FinishContext
from axone.messages import _, plural
from axone.numbers import format_number, format_percent
from axone.tasks.reconstruction.latent_network import LatentNetwork, reconstruct
from axone.tasks.reconstruction.settings import ReconstructionSettings

FEW_EXAMPLES = 100  # with fewer, the quantile is a rough estimate


def fit_threshold(experiment: Experiment, context: FinishContext, settings: ReconstructionSettings) -> None:
    """Store the quantiles of the held-out errors and the threshold in the network, and log a sentence about it.

    Without validation data the training examples are used, whose errors are lower.
    """
    network = experiment.learner.networks["network"]
    assert isinstance(network, LatentNetwork)
    network.eval()
    stream = experiment.train if experiment.validation is None else experiment.validation
    device = network.threshold.device
    parts = []
    with torch.inference_mode():
        for number, batch in enumerate(stream.batches(1)):
            context.progress(_("fitting the threshold of the anomaly score"), number, len(stream))
            parts.append(reconstruct(network, batch.inputs.to(device)).errors.cpu())
    errors = torch.cat(parts)
    network.fit_threshold(errors, settings.quantile)
    examples = (
        _("held-out examples")
        if experiment.validation is not None
        else _("training examples, because none were held out")
    )
    text = _("The threshold of the anomaly score is {threshold}: {share} of {count} {examples} are below it.",
             threshold=format_number(float(network.threshold)), share=format_percent(settings.quantile, 1),
             count=format_number(len(errors)), examples=examples)  # fmt: skip
    if len(errors) < FEW_EXAMPLES:
        text += " " + plural("With {count} example this is a rough estimate.",
                             "With {count} examples this is a rough estimate.", len(errors))  # fmt: skip
    experiment.learner.context.log_text(text)
