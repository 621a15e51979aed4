"""When a loss is not a number: warn, count, and ask for a return to the last good checkpoint.

The bad step itself was not taken (see `Optimizer`). A rollback is called for when bad losses follow one another,
or when the batch left its mark on a network all the same: the running means of a norm take part in the forward
pass. The engine answers it (`Training._roll_back`) with half the learning rate, and passes over a batch that
spoilt a network. OLMo-core skips steps likewise; PaLM (arXiv:2204.02311, section 5.1) went back and passed over
the batches.
"""

from __future__ import annotations

import torch

from axone.engine.learner import Learner
from axone.engine.progress import Progress
from axone.engine.recorder import Recorder
from axone.messages import _

IN_A_ROW = 10  # bad losses that call for a rollback
LOOK_EVERY = 50  # steps between two readings on an accelerator; the processor is read at each step
WARNINGS = 5  # told one by one; later ones are only counted


class RollbackRequest(Exception):  # noqa: N818 - a request, not an error
    """Ask the loop to go back to the last checkpoint and to leave out the batches that spoilt a network."""

    def __init__(self, spoilt: list[list[int]]) -> None:
        super().__init__()
        self.spoilt = spoilt


class NonFiniteMonitor:
    """Reads the learner's counters of bad losses, seldom enough to cost nothing. `updates`: those of an epoch."""

    def __init__(self, learner: Learner, device: torch.device, updates: int) -> None:
        self.learner = learner
        # An epoch of few updates that were all bad is as hopeless as ten in a row: it must not count as trained.
        self.in_a_row = min(IN_A_ROW, max(1, updates))
        self.every = 1 if device.type == "cpu" else LOOK_EVERY
        self.start()

    def start(self) -> None:
        """Forget what was seen: the networks are those of a good checkpoint."""
        for optimizer in self.learner.optimizers.values():
            optimizer.skipped = torch.zeros_like(optimizer.skipped)

    def look(self, progress: Progress, recorder: Recorder) -> None:
        """Look at the counters when it is time; raise RollBack when the networks need one."""
        if progress.step % self.every:
            return
        in_a_row = max((int(optimizer.skipped) for optimizer in self.learner.optimizers.values()), default=0)
        if not in_a_row:
            return
        progress.skipped += 1
        if progress.skipped <= WARNINGS:
            text = _(
                "The loss of batch {batch} in epoch {epoch} is not a number; that step was not taken.",
                batch=progress.batch,
                epoch=progress.epoch,
            )
            recorder.event("warning", text=text, step=progress.step, epoch=progress.epoch, batch=progress.batch)
        self.require_sound(progress)
        if in_a_row >= self.in_a_row:
            raise RollbackRequest([])

    def require_sound(self, progress: Progress) -> None:
        """Raise RollBack when a weight or buffer is not a finite number: such a network is never saved."""
        sound = all(
            bool(torch.isfinite(value).all())
            for network in self.learner.networks.values()
            for value in network.state_dict().values()
            if value.is_floating_point()
        )
        if not sound:
            raise RollbackRequest([[progress.epoch, progress.batch]])
