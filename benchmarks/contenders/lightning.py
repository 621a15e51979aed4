"""Lightning: a LightningModule, a DataLoader over tensors in memory, a Trainer without logger, bar and checkpoints."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, nn
from torch.utils.data import DataLoader

from contenders.common import BATCH, RATE, Stopwatch, Task, accuracy, network, outcome, parameters
from contenders.plain import tensors


class Module(LightningModule):
    """The course's network with its loss."""

    def __init__(self) -> None:
        super().__init__()
        self.network = network()
        self.criterion = nn.CrossEntropyLoss()

    def training_step(self, batch: tuple[Tensor, Tensor], _number: int) -> Tensor:
        """Return the loss of one batch."""
        inputs, labels = batch
        return self.criterion(self.network(inputs), labels)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return Adam with default settings."""
        return torch.optim.Adam(self.parameters(), lr=RATE)


class Clock(Callback, Stopwatch):
    """Times Lightning's epochs."""

    def on_train_epoch_start(self, *_args: Any) -> None:
        """Start the clock."""
        self.begin()

    def on_train_epoch_end(self, *_args: Any) -> None:
        """Stop it."""
        self.end()


def run(task: Task) -> dict[str, Any]:
    """Train and measure."""
    warnings.filterwarnings(
        "ignore", module="lightning"
    )  # it recommends worker processes, which data in memory do not need
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.manual_seed(task.seed)
    module, clock = Module(), Clock()
    trainer = Trainer(
        accelerator="cpu",
        devices=1,
        max_epochs=task.epochs,
        callbacks=[clock],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(module, DataLoader(tensors(task), batch_size=BATCH, shuffle=True))
    return outcome(clock.seconds, parameters(module), accuracy(module.network, task), len(task.train[1]))
