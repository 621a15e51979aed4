"""Running means of metrics, which stay on the device until they are read."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from axone.errors import UsageError
from axone.messages import _
from axone.numbers import is_number

Metrics = dict[str, Tensor]  # id of a metric -> its mean over one batch, a scalar tensor


def require_metrics(metrics: object) -> Metrics:
    """Return what a step returned. Raises UsageError unless it is a dict from ids to scalars."""
    expected = _("expected a dict from the id of a metric to a scalar tensor, such as loss.detach()")
    if not isinstance(metrics, dict):
        raise UsageError(_("train_step or eval_step returned {kind}.", kind=type(metrics).__name__), expected=expected)
    for name, value in metrics.items():
        is_scalar = value.numel() == 1 if isinstance(value, Tensor) else is_number(value)
        if not isinstance(name, str) or not is_scalar:
            shape = f"{type(value).__name__} {tuple(value.shape)}" if isinstance(value, Tensor) else repr(value)[:60]
            raise UsageError(
                _("The metric {name} is no scalar: {value}.", name=repr(name)[:60], value=shape), expected=expected
            )
    return metrics


class Averages:
    """The running mean of each metric, weighted by the size of its batches.

    On an accelerator the sums stay there, so that adding never waits; on the CPU they are plain numbers. A value that
    is not finite is left out: one bad batch must not hide the others.
    """

    def __init__(self) -> None:
        self.sums: dict[str, Tensor | float] = {}
        self.weights: dict[str, Tensor | float] = {}

    def add(self, metrics: Metrics, size: int) -> None:
        """Add the means of one batch of `size` samples. Raises UsageError for what is not a dict of scalars."""
        if not self.sums:  # once an epoch is enough: a step returns the same metrics every time
            metrics = require_metrics(metrics)
        for name, value in metrics.items():
            if not isinstance(value, Tensor):  # a user's own step may return plain numbers
                value = torch.tensor(float(value))
            amount: Tensor | float
            weight: Tensor | float
            if value.device.type == "cpu":
                number = value.item()
                amount, weight = (number * size, float(size)) if math.isfinite(number) else (0.0, 0.0)
            else:
                is_finite = torch.isfinite(value)
                amount = torch.where(is_finite, value.detach(), 0.0).float() * size
                weight = is_finite.float() * size
            self.sums[name] = self.sums.get(name, 0.0) + amount
            self.weights[name] = self.weights.get(name, 0.0) + weight

    def read(self) -> dict[str, float]:
        """Return each mean as a number, which waits for the device."""
        return self.since(Averages())

    def since(self, earlier: Averages) -> dict[str, float]:
        """Return each mean over what was added after an earlier `copy`."""
        means = {}
        for name, total in self.sums.items():
            weight = float(self.weights[name]) - float(earlier.weights.get(name, 0.0))
            if weight > 0:
                means[name] = (float(total) - float(earlier.sums.get(name, 0.0))) / weight
        return means

    def copy(self) -> Averages:
        """Return a snapshot. Sums are replaced and never changed in place, so that it costs nothing."""
        snapshot = Averages()
        snapshot.sums, snapshot.weights = dict(self.sums), dict(self.weights)
        return snapshot

    def state_dict(self) -> dict[str, Any]:
        """Return the sums and weights, for a checkpoint within an epoch."""
        return {"sums": dict(self.sums), "weights": dict(self.weights)}

    def load_state_dict(self, state: dict[str, Any], device: torch.device) -> None:
        """Restore what `state_dict` returned, on a device."""

        def move(values: dict[str, Tensor | float]) -> dict[str, Tensor | float]:
            return {name: value.to(device) if isinstance(value, Tensor) else value for name, value in values.items()}

        self.sums, self.weights = move(state["sums"]), move(state["weights"])
