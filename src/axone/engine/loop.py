"""The one loop: epochs of steps, a validation after each, checkpoints, rollbacks, early stopping.

It never asks what it trains. A classifier, a GAN and a learner that plays all go through `fit`.
"""

from __future__ import annotations

import torch

from axone.engine.experiment import Experiment
from axone.engine.group import Group
from axone.engine.interrupt import StopFlag
from axone.engine.machine.device import memory_guard
from axone.engine.recorder import Recorder
from axone.engine.training import EvaluationInterrupted, Outcome, Training
from axone.settings import Settings

__all__ = ["Outcome", "fit"]


def fit(
    experiment: Experiment,
    settings: Settings,
    recorder: Recorder,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype = torch.float32,
    stop: StopFlag | None = None,
    resume: bool = False,
    group: Group | None = None,
) -> Outcome:
    """Train an experiment to its end, from the start or from the recorder's last checkpoint.

    Args:
        experiment: What is trained.
        settings: How it is trained.
        recorder: Receives events, figures and checkpoints.
        device: The device; the CPU by default.
        dtype: The floating-point precision of forward passes.
        stop: A flag that asks for a stop; the training then saves and raises Stopped.
        resume: Continue from the recorder's last checkpoint.
        group: The processes that train together; by default, this one alone.

    Returns:
        The progress of the training, and the metrics of the best epoch on the validation and test data.

    Raises:
        Stopped: After saving, when `stop` or the recorder asked for it.
        DivergedError: Three rollbacks did not help.
        ResourceError: Memory ran out.
    """
    with memory_guard():
        training = Training(
            experiment, settings, recorder, device or torch.device("cpu"), dtype, stop or StopFlag(), group
        )
        if resume:
            training.load()
            recorder.event("resume", step=training.progress.step, epoch=training.progress.epoch)
        else:
            training.save()  # step 0: a run can be resumed from its first moment
        try:
            training.run()
        except EvaluationInterrupted:
            training.save()  # before the validation, which the resumed run does again as a whole
            raise training.stopped() from None
        try:
            return training.finish()
        except EvaluationInterrupted:  # the last step is saved, and the best weights must not replace it
            raise training.stopped() from None
