"""What a system hands to the engine: a learner, the streams that feed it, and the facts that data taught.

A *stream* says where batches come from, be it data or play. A *learner* says what one step is. The engine
joins them and never asks what it trains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import torch

from axone.engine.learner import Learner
from axone.metrics import higher_is_better


@runtime_checkable
class Stream(Protocol):
    """Batches with a length and a position.

    The order of a data stream is a pure function of (seed, epoch), so its position is just (epoch, batch):
    resuming costs nothing, and no sample is lost or repeated. A stream of play keeps its world in
    `state_dict`.
    """

    @property
    def samples(self) -> int:
        """Samples in one epoch."""

    def __len__(self) -> int:
        """Batches in one epoch."""

    def batches(self, epoch: int, start: int = 0) -> Iterator[Any]:
        """Yield the batches of an epoch (counted from 1), leaving out the first `start` of them."""

    def to(self, device: torch.device) -> Stream:
        """Move what the stream holds to a device."""

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs beyond (epoch, batch); empty for data."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""


@dataclass(frozen=True)
class FinishContext:
    """What a system is handed when gradients have taught what they can: see `Experiment.finish`."""

    seconds: float  # that the training took
    tell: Callable[..., None]  # tell(text, done=0, total=0): to be called now and then; raises when a stop is asked


@dataclass
class Experiment:
    """One training to be run.

    `facts` is what the data taught that the model needs for ever (classes, mean, input shape); it is
    saved as JSON. `monitor` names the metric that decides which checkpoint is best. `exhibits` makes the
    pictures and tables that a person would rather look at than read: it is called with this experiment
    after each check (final=False) and once at the end (final=True). `finish` learns what gradients do not teach
    (trees on a network's features, say): it is called once, with the best weights in place, before the test set
    is read, and leaves what it learned in a buffer of the learner's networks. A resumed run calls it again.
    """

    learner: Learner
    train: Stream
    validation: Stream | None = None
    test: Stream | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    monitor: str = "loss"
    higher_is_better: bool | None = None  # None: as `axone.metrics` says of the monitored metric
    notes: list[str] = field(default_factory=list)  # sentences on the data, told before training
    report: dict[str, Any] = field(default_factory=dict)  # the same and more, kept in the run as data_report.json
    figures: Callable[[Experiment, bool], Iterable[Any]] | None = None
    finish: Callable[[Experiment, FinishContext], None] | None = None

    @property
    def is_maximized(self) -> bool:
        """Whether higher values of the monitored metric are better."""
        return higher_is_better(self.monitor) if self.higher_is_better is None else self.higher_is_better
