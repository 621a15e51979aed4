"""Losses that are not finite: warn, count, and ask for a rollback to the last good checkpoint.

The bad step itself was not taken (see `Optimizer`). A rollback is requested when bad losses follow one another, or
when a batch changed a network all the same: the running means of a norm take part in the forward pass. The engine
answers (`Training._roll_back`) by halving the learning rate, and skips a batch that damaged a network. OLMo-core
skips steps likewise; PaLM (arXiv:2204.02311, section 5.1) went back and skipped the batches.
"""

from __future__ import annotations

import torch

from axone.engine.group import Group, SingleProcess
from axone.engine.learner import Learner
from axone.engine.progress import TrainingProgress
from axone.engine.recorder import Recorder
from axone.messages import _

IN_A_ROW = 10  # bad losses that call for a rollback
READ_EVERY = 50  # steps between two readings on an accelerator; on the CPU, each step is read
WARNINGS = 5  # shown one by one; later ones are only counted


class RollbackRequest(Exception):  # noqa: N818 - a request, not an error
    """Ask the loop to return to the last checkpoint and to skip the batches that damaged a network."""

    def __init__(self, damaging: list[list[int]]) -> None:
        super().__init__()
        self.damaging = damaging


class NonFiniteMonitor:
    """Reads the optimizers' counters of skipped steps, seldom enough to cost nothing.

    Args:
        learner: A prepared learner.
        device: The device of the training.
        updates: The number of updates in an epoch.
        group: The processes that train together, which decide on rollbacks together.
    """

    def __init__(self, learner: Learner, device: torch.device, updates: int, group: Group | None = None) -> None:
        self.learner, self.group = learner, group or SingleProcess()
        self.optimizers = list(learner.optimizers.values())
        # An epoch of few updates that were all bad is as hopeless as ten in a row: it must not count as trained.
        self.in_a_row = min(IN_A_ROW, max(1, updates))
        self.every = 1 if device.type == "cpu" else READ_EVERY
        self.start()

    def start(self) -> None:
        """Reset the counters: the networks are those of a good checkpoint."""
        for optimizer in self.optimizers:
            optimizer.skipped = torch.zeros_like(optimizer.skipped)
            optimizer.skipped_total = torch.zeros_like(optimizer.skipped_total)
        self._counted = 0

    def check(self, progress: TrainingProgress, recorder: Recorder) -> None:
        """Read the counters when it is time; raise RollbackRequest when the networks need one."""
        if progress.step % self.every:
            return
        if self.every == 1 and all(optimizer.skipped is optimizer.no_skips for optimizer in self.optimizers):
            return
        total = sum(int(optimizer.skipped_total) for optimizer in self.optimizers)
        new, self._counted = total - self._counted, total
        if not new:
            return
        if progress.skipped < WARNINGS:
            if self.every == 1:
                text = _(
                    "The loss of batch {batch} in epoch {epoch} is not finite; that step was skipped.",
                    batch=progress.batch,
                    epoch=progress.epoch,
                )
            else:
                text = _(
                    "{count} of the last {steps} losses before batch {batch} in epoch {epoch} were not finite; "
                    "those steps were skipped.",
                    count=new,
                    steps=self.every,
                    batch=progress.batch,
                    epoch=progress.epoch,
                )
            recorder.event("warning", text=text, step=progress.step, epoch=progress.epoch, batch=progress.batch)
        progress.skipped += new
        self.require_finite(progress)
        if max(int(optimizer.skipped) for optimizer in self.optimizers) >= self.in_a_row:
            raise RollbackRequest([])

    @property
    def is_skipping(self) -> bool:
        """Whether the last step was skipped; on an accelerator, this waits for the device."""
        return any(int(optimizer.skipped) > 0 for optimizer in self.optimizers)

    def require_finite(self, progress: TrainingProgress) -> None:
        """Raise RollbackRequest when a weight or buffer is not finite: such a network is never saved."""
        is_finite = all(
            bool(torch.isfinite(value).all())
            for network in self.learner.networks.values()
            for value in network.state_dict().values()
            if value.is_floating_point()
        )
        if self.group.agree(not is_finite):
            raise RollbackRequest([[progress.epoch, progress.batch]])
