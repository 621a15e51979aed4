"""Averages of metrics that stay on the device until somebody wants to read them."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

Metrics = dict[str, Tensor]  # metric name -> its mean over one batch, a 0-d tensor


class Averages:
    """The running mean of each metric, weighted by the size of its batches.

    On an accelerator sums stay there, so that adding never waits; on the processor they are plain numbers.
    A value that is not a number is left out: one bad batch must not hide the others.
    """

    def __init__(self) -> None:
        self.sums: dict[str, Tensor | float] = {}
        self.weights: dict[str, Tensor | float] = {}

    def add(self, metrics: Metrics, size: int) -> None:
        """Count the means of one batch of `size` samples."""
        for name, value in metrics.items():
            amount: Tensor | float
            weight: Tensor | float
            if value.device.type == "cpu":
                number = value.item()
                amount, weight = (number * size, float(size)) if math.isfinite(number) else (0.0, 0.0)
            else:
                good = torch.isfinite(value)
                amount = torch.where(good, value.detach(), 0.0).float() * size
                weight = good.float() * size
            self.sums[name] = self.sums.get(name, 0.0) + amount
            self.weights[name] = self.weights.get(name, 0.0) + weight

    def read(self) -> dict[str, float]:
        """Return each mean as a number, waiting for the device."""
        return self.since(Averages())

    def since(self, earlier: Averages) -> dict[str, float]:
        """Return each mean over what came after an earlier `copy`."""
        means = {}
        for name, total in self.sums.items():
            weight = float(self.weights[name]) - float(earlier.weights.get(name, 0.0))
            if weight > 0:
                means[name] = (float(total) - float(earlier.sums.get(name, 0.0))) / weight
        return means

    def copy(self) -> Averages:
        """Return a snapshot; sums are replaced, never changed in place, so this costs nothing."""
        twin = Averages()
        twin.sums, twin.weights = dict(self.sums), dict(self.weights)
        return twin

    def state_dict(self) -> dict[str, Any]:
        """Return the state, for a checkpoint in mid-epoch."""
        return {"sums": dict(self.sums), "weights": dict(self.weights)}

    def load_state_dict(self, state: dict[str, Any], device: torch.device) -> None:
        """Take back what `state_dict` gave."""

        def place(values: dict[str, Tensor | float]) -> dict[str, Tensor | float]:
            return {name: value.to(device) if isinstance(value, Tensor) else value for name, value in values.items()}

        self.sums, self.weights = place(state["sums"]), place(state["weights"])
