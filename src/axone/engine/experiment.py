"""An experiment: what a system passes to the engine.

A *stream* provides batches, from data or from play. A *learner* defines what one step is. *Facts* are what the data
determined and the model needs at inference. The engine joins them and never asks what it trains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import torch

from axone.engine.learner import Learner
from axone.metrics import higher_is_better


@runtime_checkable
class Stream(Protocol):
    """Batches with a length and a position.

    The order of a data stream is a pure function of (seed, epoch), so that its position is (epoch, batch): resuming
    costs nothing, and no sample is lost or repeated. A stream of play keeps the state of its worlds in `state_dict`.
    """

    @property
    def samples(self) -> int:
        """The number of samples in one epoch."""

    def __len__(self) -> int:
        """Return the number of batches in one epoch."""

    def batches(self, epoch: int, start: int = 0) -> Iterator[Any]:
        """Yield the batches of an epoch (counted from 1), without the first `start` of them."""

    def to(self, device: torch.device) -> Stream:
        """Return the stream with its data on a device."""

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs besides (epoch, batch); an empty dict for data."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""


@dataclass(frozen=True)
class FinishContext:
    """What `Experiment.fit_postprocessing` receives after the last epoch.

    Args:
        seconds: How long the training took.
        progress: Called as `progress(text, done, total)` now and then; raises when the user asks for a stop.
    """

    seconds: float
    progress: Callable[..., None]


@dataclass
class Experiment:
    """One training.

    Args:
        learner: What learns.
        train: The training batches.
        validation: The batches that are measured after each epoch.
        test: The batches that are measured once, at the end.
        facts: What the data determined and the model needs at inference (classes, mean, input shape); saved as JSON.
        monitor: The id of the metric that decides which epoch is best.
        higher_is_better: Whether higher values of `monitor` are better; None: as `axone.metrics` says.
        without_validation: Which epoch's weights are kept where there are no validation batches: the "best" by the
            training metrics, or the "last", because training metrics improve also while a network overfits. With
            early stopping (`patience`), the training metrics always decide.
        keeps_last: Whether the last epoch's weights are kept whatever the validation says, as where it is a few games.
        weights_note: What is said of the weights, where `fit_postprocessing` replaces those of the best epoch.
        notes: Sentences on the data, shown before training.
        report: The data report, saved in the run as data_report.json.
        figures: Yields the figures and tables of the experiment; called as `figures(experiment, final)` after each
            validation with final=False, and once at the end with final=True.
        fit_postprocessing: Fits what gradient descent does not (trees on features, a decision threshold). It is
            called once, with the best weights loaded, before the test set is read, and stores its result in buffers
            of the learner's networks. A resumed run calls it again.
    """

    learner: Learner
    train: Stream
    validation: Stream | None = None
    test: Stream | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    monitor: str = "loss"
    higher_is_better: bool | None = None
    without_validation: Literal["best", "last"] = "best"
    keeps_last: bool = False
    weights_note: str = ""
    notes: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    figures: Callable[[Experiment, bool], Iterable[Any]] | None = None
    fit_postprocessing: Callable[[Experiment, FinishContext], None] | None = None

    @property
    def is_maximized(self) -> bool:
        """Whether higher values of the monitored metric are better."""
        return higher_is_better(self.monitor) if self.higher_is_better is None else self.higher_is_better
