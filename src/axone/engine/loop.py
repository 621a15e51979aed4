"""The one loop: epochs of steps, a check after each, checkpoints, rollbacks, early stopping.

It never asks what it trains. A classifier, two players and a learner fed by play all pass through the same
`run_epoch`, for training and for checking alike.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from axone.engine import seeds
from axone.engine.device import memory_guard
from axone.engine.divergence import NonFiniteMonitor, RollbackRequest
from axone.engine.experiment import Experiment, FinishContext, Stream
from axone.engine.interrupt import StopFlag
from axone.engine.learner import Learner, TrainingContext
from axone.engine.metrics import Averages, Metrics
from axone.engine.progress import Progress
from axone.engine.recorder import Recorder
from axone.errors import DivergedError, Stopped
from axone.messages import _
from axone.settings import Settings

ROLLBACKS = 3  # returns to the last good checkpoint before giving up
REPORT_SECONDS = 0.25  # between two reports of a step: live to the eye, nothing to the clock
SAVE_SECONDS = 2.0  # between two checkpoints at ends of epochs: on a small table an epoch is shorter than its saving
SHOWN = 40  # epochs whose pictures are kept, about


@dataclass
class Outcome:
    """How a training ended: the figures of the best epoch, and those of the test set, read once."""

    progress: Progress
    validation: dict[str, float]
    test: dict[str, float]


def fit(
    experiment: Experiment,
    settings: Settings,
    recorder: Recorder,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype = torch.float32,
    stop: StopFlag | None = None,
    resume: bool = False,
) -> Outcome:
    """Train an experiment to its end, from the start or from the recorder's last checkpoint.

    Raises Stopped, after saving, when `stop` asks for it; DivergedError when three rollbacks did not help;
    ResourceError when memory runs out.
    """
    with memory_guard():
        training = Training(experiment, settings, recorder, device or torch.device("cpu"), dtype, stop or StopFlag())
        if resume:
            training.load()
            recorder.event("resume", step=training.progress.step, epoch=training.progress.epoch)
        else:
            training.save()  # step 0: a run can be resumed from its first instant
        try:
            training.run()
        except _CheckInterrupted:
            training.save()  # the moment before the check: the resumed run redoes it whole
            raise training.stopped() from None
        try:
            return training.finish()
        except _CheckInterrupted:  # the end of training is saved, and the best weights must not take its place
            raise training.stopped() from None


class _CheckInterrupted(Exception):  # noqa: N818 - carries no fault
    """A stop was asked in the middle of a check."""


def run_epoch(
    act: Callable[[Any], Metrics],
    learner: Learner,
    stream: Stream,
    epoch: int,
    start: int = 0,
    averages: Averages | None = None,
    after: Callable[[], None] | None = None,
) -> Averages:
    """Pass once over a stream with `learner.train_step` or `learner.eval_step`, averaging what it returns.

    `start` batches are left out (a resumed epoch brings the `averages` of those); `after` is called behind
    each batch.
    """
    averages = averages or Averages()
    for batch in stream.batches(epoch, start):
        averages.add(act(batch), learner.size(batch))
        if after:
            after()
    return averages


class Training:
    """One training in progress: the experiment, its position, and where its news go."""

    def __init__(
        self,
        experiment: Experiment,
        settings: Settings,
        recorder: Recorder,
        device: torch.device,
        dtype: torch.dtype,
        stop: StopFlag,
    ) -> None:
        self.experiment, self.settings, self.recorder, self.stop = experiment, settings, recorder, stop
        self.learner, self.device = experiment.learner, device
        self.train = experiment.train.to(device)
        self.validation = experiment.validation.to(device) if experiment.validation is not None else None
        batches = settings.epochs * len(self.train)
        self.learner.prepare(
            TrainingContext(device, dtype, batches, tell=lambda text: recorder.event("text", text=text))
        )
        self.watch = NonFiniteMonitor(self.learner, device, len(self.train) // settings.accumulate)
        self.progress, self.averages = Progress(), Averages()
        self.clock = self.reported_at = self.saved_at = time.perf_counter()
        self.best: tuple[dict[str, Tensor], dict[str, Any]] | None = None  # better than the checkpoint, not saved yet

    def run(self) -> None:
        """Train epoch after epoch, until the last one or until patience ends."""
        while not self.progress.finished and self.progress.epoch <= self.settings.epochs:
            try:
                self._train_epoch()
                self._end_epoch()
            except RollbackRequest as request:
                self._roll_back(request)
        self.progress.finished = True

    def _train_epoch(self) -> None:
        progress = self.progress
        self.clock = self.reported_at = time.perf_counter()
        self.reported, self.reported_step = self.averages.copy(), progress.step
        self.learner.begin_epoch(progress.epoch)
        with self.learner.training():
            run_epoch(
                self._step, self.learner, self.train, progress.epoch, progress.batch, self.averages, self._after_step
            )
        self.watch.require_sound(progress)
        progress.seconds += time.perf_counter() - self.clock

    def _step(self, batch: Any) -> Metrics:
        if [self.progress.epoch, self.progress.batch + 1] in self.progress.passed_over:
            return {}
        return self.learner.train_step(batch)

    def _after_step(self) -> None:
        progress = self.progress
        progress.batch += 1
        progress.step += 1
        self.watch.look(progress, self.recorder)
        if time.perf_counter() - self.reported_at > REPORT_SECONDS:
            self._report()
        every, stop = self.settings.save_every, self.stop.requested  # read once: a stop asked later is not saved yet
        if stop or (every and progress.step % every == 0):
            self.watch.require_sound(progress)
            progress.seconds += time.perf_counter() - self.clock
            self.save()
            self.clock = time.perf_counter()
        if stop:
            raise self.stopped()

    def _report(self) -> None:
        """Tell the means since the last report, the only moment at which the device is waited for."""
        progress, now = self.progress, time.perf_counter()
        means = self.averages.since(self.reported)
        samples = (progress.step - self.reported_step) * self.train.samples / len(self.train)
        speed = samples / (now - self.reported_at)
        self.recorder.event(
            "step",
            step=progress.step,
            epoch=progress.epoch,
            batch=progress.batch,
            batches=len(self.train),
            learning_rate=self._rate(),
            samples_per_second=speed,
            **means,
        )
        self.reported, self.reported_step = self.averages.copy(), progress.step
        self.reported_at = time.perf_counter()

    def _end_epoch(self) -> None:
        """Check, record, keep the best, show pictures, go to the next epoch, save."""
        progress, experiment, settings = self.progress, self.experiment, self.settings
        trained = self.averages.read()
        checked = self.check(self.validation, progress.epoch) if self.validation else {}
        value = (checked or trained).get(experiment.monitor, math.nan)
        figures = {"step": progress.step, "seconds": progress.seconds, "learning_rate": self._rate()}
        better = progress.record(
            {"epoch": progress.epoch, **figures, "train": trained, "validation": checked},
            value,
            experiment.is_maximized,
        )
        if better:
            with self.learner.checking():
                weights = {name: value.clone() for name, value in self.learner.weights().items()}
            self.best = weights, {"epoch": progress.epoch}
        self.recorder.event("epoch", **progress.history[-1])
        if (progress.epoch - 1) % max(1, settings.epochs // SHOWN) == 0:
            self._show(final=False)
        if 0 < settings.patience <= progress.stale:
            progress.finished = True
            self.recorder.event("early_stop", epoch=progress.epoch, best_epoch=progress.best_epoch)
        progress.epoch, progress.batch, self.averages = progress.epoch + 1, 0, Averages()
        last = progress.finished or progress.epoch > settings.epochs
        if last or time.perf_counter() - self.saved_at > SAVE_SECONDS:
            self.save()

    def check(self, stream: Stream, epoch: int) -> dict[str, float]:
        """Measure on a held-out stream, leaving the random states as they were."""
        with seeds.preserve_random_state(), self.learner.checking():
            return run_epoch(self.learner.eval_step, self.learner, stream, epoch, after=self._after_check).read()

    def _after_check(self) -> None:
        if self.stop.requested:
            raise _CheckInterrupted

    def finish(self) -> Outcome:
        """Take the best weights, read the test set once, make the final pictures."""
        progress, experiment = self.progress, self.experiment
        if progress.best_epoch:
            weights, _state = self.recorder.load_checkpoint("best")
            self.learner.load_weights(weights)
            for optimizer in self.learner.optimizers.values():
                optimizer.averages = []  # the best weights are the averaged ones already
        best = next((entry for entry in progress.history if entry["epoch"] == progress.best_epoch), {})
        validation = best.get("validation") or {}
        if experiment.finish is not None:
            self._learn_the_rest()
            validation = self.check(self.validation, 1) if self.validation else {}
        test = self.check(experiment.test.to(self.device), 1) if experiment.test else {}
        self._show(final=True)
        return Outcome(progress, validation, test)

    def _learn_the_rest(self) -> None:
        """Let the system learn what gradients do not teach, and keep it with the best weights."""
        assert self.experiment.finish is not None
        began = time.perf_counter()
        with seeds.preserve_random_state(), self.learner.checking():
            self.experiment.finish(self.experiment, FinishContext(self.progress.seconds, self._tell))
        self.progress.seconds += time.perf_counter() - began
        self.recorder.save_checkpoint("best", self.learner.weights(), {"epoch": self.progress.best_epoch})

    def _tell(self, text: str, done: int = 0, total: int = 0) -> None:
        """Take news of what is learned at the end; raise where a stop is asked."""
        self._after_check()
        now = time.perf_counter()
        if done == 0 or now - self.reported_at > REPORT_SECONDS:
            self.reported_at = now
            self.recorder.event("progress", text=text, done=done, total=total)

    def save(self) -> None:
        """Keep everything that an exact resume needs."""
        if self.best is not None:
            self.recorder.save_checkpoint("best", *self.best)
            self.best = None
        state = {
            "progress": self.progress.state_dict(),
            "averages": self.averages.state_dict(),
            "learner": self.learner.state_dict(),
            "stream": self.train.state_dict(),
            "random": seeds.random_state(),
        }
        self.recorder.save_checkpoint("last", self.learner.weights(), state)
        self.saved_at = time.perf_counter()

    def load(self) -> None:
        """Go back to the last checkpoint, bit for bit."""
        weights, state = self.recorder.load_checkpoint("last")
        self.best = None
        self.learner.load_weights(weights)
        self.progress = Progress.from_state(state["progress"])
        self.learner.begin_epoch(self.progress.epoch)
        self.learner.load_state_dict(state["learner"])
        self.train.load_state_dict(state["stream"])
        self.averages = Averages()
        self.averages.load_state_dict(state["averages"], self.device)
        seeds.restore_random_state(state["random"])
        # Asked anew of the present settings: more patience lets a run that stopped early go on.
        self.progress.finished = 0 < self.settings.patience <= self.progress.stale

    def _roll_back(self, request: RollbackRequest) -> None:
        """Go back to the last good checkpoint with half the learning rate; give up after three times."""
        told, self.progress.rollbacks = self.progress, self.progress.rollbacks + 1
        if told.rollbacks > ROLLBACKS:
            raise DivergedError(
                _("The loss is not a number any more (epoch {epoch}, step {step}).", epoch=told.epoch, step=told.step),
                expected=_("{count} returns to the last good checkpoint did not help.", count=ROLLBACKS),
                hint=_(
                    "type a smaller --learning-rate (it was {rate}), or look for wrong values in the data",
                    rate=self.settings.learning_rate,
                ),
            )
        self.load()
        self.progress.rollbacks, self.progress.skipped = told.rollbacks, told.skipped
        self.progress.passed_over = told.passed_over + request.spoilt
        for optimizer in self.learner.optimizers.values():
            optimizer.rate_scale = 0.5**told.rollbacks
        self.watch.start()
        self.recorder.event("rollback", step=told.step, to_step=self.progress.step, rollbacks=told.rollbacks)

    def _show(self, final: bool) -> None:
        if self.experiment.figures is None:
            return
        with seeds.preserve_random_state(), self.learner.checking():
            for figure in self.experiment.figures(self.experiment, final):
                self.recorder.add_figure(figure, None if final else self.progress.epoch)

    def _rate(self) -> float:
        return max((optimizer.rate for optimizer in self.learner.optimizers.values()), default=0.0)

    def stopped(self) -> Stopped:
        """Say that everything is saved, with the exit code of whoever asked to stop."""
        text = _(
            "Stopped at step {step}, in epoch {epoch}; everything is saved.",
            step=self.progress.step,
            epoch=self.progress.epoch,
        )
        return Stopped(text, exit_code=self.stop.exit_code)
