"""One training in progress: its position, its epochs, and when it reports, validates, saves, returns or stops."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from axone.best_epoch import BestEpochRule
from axone.engine.checkpointing import CheckpointSchedule
from axone.engine.divergence import NonFiniteMonitor, RollbackRequest
from axone.engine.experiment import Experiment, FinishContext, Stream
from axone.engine.group import Group, SingleProcess
from axone.engine.interrupt import StopFlag
from axone.engine.learner import Learner, TrainingContext
from axone.engine.machine import seeds
from axone.engine.metrics import Averages, Metrics
from axone.engine.progress import TrainingProgress
from axone.engine.recorder import Recorder
from axone.engine.shards import ShardedStep
from axone.errors import DivergedError, Stopped
from axone.messages import _
from axone.settings import Settings

ROLLBACKS = 3  # returns to the last good checkpoint before giving up
REPORT_SECONDS = 0.25  # between two "step" events: often enough to look live, too seldom to cost anything
EPOCHS_WITH_FIGURES = 40  # about


class EvaluationInterrupted(Exception):  # noqa: N818 - nothing went wrong
    """A stop was requested in the middle of an evaluation."""


@dataclass
class Outcome:
    """How a training ended: the metrics of the best epoch, and those of the test set, which is read once."""

    progress: TrainingProgress
    validation: dict[str, float]
    test: dict[str, float]


def run_epoch(
    step: Callable[[Any], Metrics],
    learner: Learner,
    stream: Stream,
    epoch: int,
    start: int = 0,
    averages: Averages | None = None,
    after_step: Callable[[], None] | None = None,
) -> Averages:
    """Pass once over a stream with `learner.train_step` or `learner.eval_step`, averaging the metrics.

    The first `start` batches are skipped (a resumed epoch brings the `averages` of those); `after_step` is called
    after each batch.
    """
    averages = averages or Averages()
    for batch in stream.batches(epoch, start):
        averages.add(step(batch), learner.size(batch))
        if after_step:
            after_step()
    return averages


class Training:
    """One training in progress: the experiment, its position, and where its events go."""

    def __init__(
        self,
        experiment: Experiment,
        settings: Settings,
        recorder: Recorder,
        device: torch.device,
        dtype: torch.dtype,
        stop: StopFlag,
        group: Group | None = None,
    ) -> None:
        self.experiment, self.settings, self.recorder, self.stop = experiment, settings, recorder, stop
        self.learner, self.device, self.group = experiment.learner, device, group or SingleProcess()
        self.train = experiment.train.to(device)
        self.validation = experiment.validation.to(device) if experiment.validation is not None else None
        self.learner.prepare(
            TrainingContext(
                device,
                dtype,
                batches=settings.epochs * len(self.train),
                log_text=lambda text: recorder.event("text", text=text),
                shards=settings.shards,
            )
        )
        is_sharded = settings.shards > 1 or self.group.size > 1
        self.sharded = ShardedStep(self.learner, settings.shards, self.group, settings.seed) if is_sharded else None
        self.monitor = NonFiniteMonitor(self.learner, device, len(self.train) // settings.accumulate, self.group)
        samples = self.validation.samples if self.validation is not None else None
        keeps_last = experiment.keeps_last or (samples is None and experiment.without_validation == "last")
        keeps_last = keeps_last and settings.patience == 0
        self.rule = BestEpochRule(experiment.monitor, experiment.is_maximized, samples, keeps_last)
        self.progress, self.averages, self.checkpoints = TrainingProgress(), Averages(), CheckpointSchedule()
        self.clock = self.reported_at = time.perf_counter()
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
        if progress.batch == 0:  # a run that resumes in the middle of an epoch continues its documents
            for carried in self.learner.carried_states.values():
                carried.reset()
        with self.learner.training():
            run_epoch(
                self._step, self.learner, self.train, progress.epoch, progress.batch, self.averages, self._after_step
            )
        self.monitor.require_finite(progress)
        progress.seconds += time.perf_counter() - self.clock

    def _step(self, batch: Any) -> Metrics:
        progress = self.progress
        if [progress.epoch, progress.batch + 1] in progress.passed_over:
            return {}
        self.learner.begin_batch(progress.step)
        if self.sharded is not None:
            return self.sharded.run(batch, progress.epoch, progress.batch)
        return self.learner.train_step(batch)

    def _after_step(self) -> None:
        progress = self.progress
        progress.batch += 1
        progress.step += 1
        self.monitor.check(progress, self.recorder)
        if time.perf_counter() - self.reported_at > REPORT_SECONDS:
            self._report()
        every, stop = self.settings.save_every, self._stop_requested()  # read once: a later request is not saved yet
        # While losses are not finite, the last checkpoint stays the one from before.
        is_due = self.group.size == 1 and self.checkpoints.is_due(within_epoch=True) and not self.monitor.is_skipping
        if stop or is_due or (every and progress.step % every == 0):
            self.monitor.require_finite(progress)
            progress.seconds += time.perf_counter() - self.clock
            self.save()
            self.clock = time.perf_counter()
        if stop:
            raise self.stopped()

    def _stop_requested(self) -> bool:
        if self.recorder.stop_requested() and self.stop.reason is None:
            self.stop.request("stop request", exit_code=143)
        return self.group.agree(self.stop.requested)

    def _report(self) -> None:
        """Record the means since the last report; the only moment at which the loop waits for the device."""
        progress, now = self.progress, time.perf_counter()
        means = self.averages.since(self.reported)
        samples = (progress.step - self.reported_step) * self.train.samples / len(self.train)
        self.recorder.event(
            "step",
            step=progress.step,
            epoch=progress.epoch,
            batch=progress.batch,
            batches=len(self.train),
            learning_rate=self._learning_rate(),
            samples_per_second=samples / (now - self.reported_at),
            **means,
        )
        self.reported, self.reported_step = self.averages.copy(), progress.step
        self.reported_at = time.perf_counter()

    def _end_epoch(self) -> None:
        """Validate, record, keep the best weights, make figures, go to the next epoch, save."""
        progress, settings = self.progress, self.settings
        train = self.averages.read()
        validation = self.evaluate(self.validation, progress.epoch) if self.validation is not None else {}
        position = {"step": progress.step, "seconds": progress.seconds, "learning_rate": self._learning_rate()}
        is_best = progress.record(
            {"epoch": progress.epoch, **position, "train": train, "validation": validation},
            self.rule.score(validation or train, progress.epoch),
            compares=not self.rule.keeps_last,
        )
        if is_best:
            with self.learner.checking():
                weights = {name: value.clone() for name, value in self.learner.weights().items()}
            self.best = weights, {"epoch": progress.epoch}
        self.recorder.event("epoch", **progress.history[-1])
        if (progress.epoch - 1) % max(1, settings.epochs // EPOCHS_WITH_FIGURES) == 0:
            self._make_figures(final=False)
        if 0 < settings.patience <= progress.stale:
            progress.finished = True
            self.recorder.event("early_stop", epoch=progress.epoch, best_epoch=progress.best_epoch)
        progress.epoch, progress.batch, self.averages = progress.epoch + 1, 0, Averages()
        is_last = progress.finished or progress.epoch > settings.epochs
        if is_last or self.checkpoints.is_due(within_epoch=False):
            self.save()

    def evaluate(self, stream: Stream, epoch: int, text: str = "") -> dict[str, float]:
        """Return the metrics on a validation or test stream, leaving the random states as they were.

        `text` says in the progress what is being done; "": the network is validated.
        """
        text, batches = text or _("validating"), itertools.count(1)

        def report() -> None:
            self._after_evaluation_step()
            self.recorder.progress(text, next(batches), len(stream))

        self.recorder.progress(text, 0, len(stream))
        with seeds.preserve_random_state(self.device), self.learner.checking():
            self.learner.begin_evaluation(stream)
            averages = run_epoch(self.learner.eval_step, self.learner, stream, epoch, after_step=report)
            return {**averages.read(), **self.learner.end_evaluation()}

    def _after_evaluation_step(self) -> None:
        if self._stop_requested():
            raise EvaluationInterrupted

    def finish(self) -> Outcome:
        """Load the best weights, evaluate on the test set once, make the final figures."""
        progress, experiment = self.progress, self.experiment
        if progress.best_epoch:
            weights, _state = self.recorder.load_checkpoint("best")
            self.learner.load_weights(weights)
            for optimizer in self.learner.optimizers.values():
                optimizer.averages = []  # the best weights are the averaged ones already
            explanation = self.rule.explain(progress.history, progress.best_epoch)
            self.recorder.event("best_epoch", **explanation, text=experiment.weights_note)
        best = next((entry for entry in progress.history if entry["epoch"] == progress.best_epoch), {})
        validation = best.get("validation") or {}
        if experiment.fit_postprocessing is not None:
            self._fit_postprocessing()
            validation = self.evaluate(self.validation, 1) if self.validation is not None else {}
        stream = experiment.test.to(self.device) if experiment.test is not None else None
        test = self.evaluate(stream, 1, _("testing")) if stream is not None else {}
        self._make_figures(final=True)
        for network in self.learner.networks.values():
            network.eval()
        return Outcome(progress, validation, test)

    def _fit_postprocessing(self) -> None:
        """Let the system fit what gradient descent does not, and save it with the best weights."""
        assert self.experiment.fit_postprocessing is not None
        began = time.perf_counter()
        with seeds.preserve_random_state(self.device), self.learner.checking():
            self.experiment.fit_postprocessing(
                self.experiment, FinishContext(self.progress.seconds, self._report_postprocessing)
            )
        self.progress.seconds += time.perf_counter() - began
        self.recorder.save_checkpoint("best", self.learner.weights(), {"epoch": self.progress.best_epoch})

    def _report_postprocessing(self, text: str, done: int = 0, total: int = 0) -> None:
        self._after_evaluation_step()
        self.recorder.progress(text, done, total)

    def save(self) -> None:
        """Write a checkpoint with everything that an exact resume needs."""
        began = time.perf_counter()
        if self.best is not None:
            self.recorder.save_checkpoint("best", *self.best)
            self.best = None
        state = {
            "progress": self.progress.state_dict(),
            "averages": self.averages.state_dict(),
            "learner": self.learner.state_dict(),
            "stream": self.train.state_dict(),
            "random": seeds.random_state(self.device),
        }
        self.recorder.save_checkpoint("last", self.learner.weights(), state)
        self.checkpoints.record(time.perf_counter() - began)

    def load(self) -> None:
        """Return to the last checkpoint, bit for bit."""
        weights, state = self.recorder.load_checkpoint("last")
        self.best = None
        self.learner.load_weights(weights)
        self.progress = TrainingProgress.from_state(state["progress"])
        self.learner.begin_epoch(self.progress.epoch)
        self.learner.load_state_dict(state["learner"])
        self.train.load_state_dict(state["stream"])
        self.averages = Averages()
        self.averages.load_state_dict(state["averages"], self.device)
        seeds.restore_random_state(state["random"], self.device)
        # Both are decided by the present settings: with more patience, a run that stopped early continues.
        best = next((entry for entry in self.progress.history if entry["epoch"] == self.progress.best_epoch), None)
        if best is not None:
            self.progress.best = self.rule.score(best.get("validation") or best["train"], best["epoch"])
        self.progress.finished = 0 < self.settings.patience <= self.progress.stale

    def _roll_back(self, request: RollbackRequest) -> None:
        """Return to the last good checkpoint with half the learning rate; give up after three times."""
        failed, self.progress.rollbacks = self.progress, self.progress.rollbacks + 1
        if failed.rollbacks > ROLLBACKS:
            raise DivergedError(
                _(
                    "The loss is not finite any more (epoch {epoch}, step {step}).",
                    epoch=failed.epoch,
                    step=failed.step,
                ),
                expected=_("{count} returns to the last good checkpoint did not help.", count=ROLLBACKS),
                hint=_(
                    "type a smaller --learning-rate (it was {rate}), or look for wrong values in the data",
                    rate=self.settings.learning_rate,
                ),
            )
        self.load()
        self.progress.rollbacks, self.progress.skipped = failed.rollbacks, failed.skipped
        self.progress.passed_over = failed.passed_over + request.damaging
        for optimizer in self.learner.optimizers.values():
            optimizer.rate_scale = 0.5**failed.rollbacks
        self.monitor.start()
        self.recorder.event("rollback", step=failed.step, to_step=self.progress.step, rollbacks=failed.rollbacks)

    def _make_figures(self, final: bool) -> None:
        if self.experiment.figures is None or not self.group.first:
            return
        with seeds.preserve_random_state(self.device), self.learner.checking():
            self.recorder.progress(_("making figures"), 0, 0)
            for number, figure in enumerate(self.experiment.figures(self.experiment, final), 1):
                self.recorder.progress(_("making figures"), number, 0)
                self.recorder.add_figure(figure, None if final else self.progress.epoch)

    def _learning_rate(self) -> float:
        return max((optimizer.rate for optimizer in self.learner.optimizers.values()), default=0.0)

    def stopped(self) -> Stopped:
        """Return the exception that says that everything is saved, with the exit code of the request."""
        text = _(
            "Stopped at step {step}, in epoch {epoch}; everything is saved.",
            step=self.progress.step,
            epoch=self.progress.epoch,
        )
        return Stopped(text, exit_code=self.stop.exit_code)
