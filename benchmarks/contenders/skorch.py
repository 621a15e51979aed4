"""skorch, scikit-learn's interface to PyTorch: `fit` on arrays, defaults except for what the task sets."""

from __future__ import annotations

from typing import Any

import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback

from contenders.common import BATCH, RATE, Stopwatch, Task, accuracy, network, outcome, parameters


class Clock(Callback, Stopwatch):
    """Times skorch's epochs."""

    def on_epoch_begin(self, net: Any, **_kwargs: Any) -> None:
        """Start the clock."""
        self.begin()

    def on_epoch_end(self, net: Any, **_kwargs: Any) -> None:
        """Stop it."""
        self.end()


def run(task: Task) -> dict[str, Any]:
    """Train and measure."""
    torch.manual_seed(task.seed)
    pixels, labels = task.train
    clock = Clock()
    net = NeuralNetClassifier(
        network(),
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=RATE,
        max_epochs=task.epochs,
        batch_size=BATCH,
        iterator_train__shuffle=True,
        train_split=None,
        callbacks=[("clock", clock)],
        verbose=0,
    )
    net.fit(task.floats(pixels).numpy(), labels.numpy())
    return outcome(clock.seconds, parameters(net.module_), accuracy(net.module_, task), len(labels))
