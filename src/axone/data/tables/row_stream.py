"""Batches of rows of numbers: the smallest stream there is. Its order is a pure function of (seed, epoch)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.random import make_generator


class RowBatch(NamedTuple):
    """Some rows of a table, as a network takes them."""

    inputs: Float[Tensor, "batch columns"]
    targets: Int64[Tensor, " batch"]
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # which rows of the set these are


class RowStream:
    """All rows of a set, batch by batch, in an order drawn afresh for each epoch (or always the set's own)."""

    def __init__(
        self,
        inputs: Float[Tensor, "rows columns"],
        targets: Int64[Tensor, " rows"],
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
    ) -> None:
        self.inputs, self.targets = inputs, targets
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle

    @property
    def samples(self) -> int:
        """Rows in one epoch."""
        return len(self.inputs)

    def __len__(self) -> int:
        """Batches in one epoch; the last one may be smaller."""
        return -(-len(self.inputs) // self.batch_size)

    def batches(self, epoch: int, start: int = 0) -> Iterator[RowBatch]:
        """Yield the batches of an epoch (counted from 1), leaving out the first `start` of them."""
        order = torch.arange(self.samples)
        if self.shuffle:  # drawn on the processor, so that every device sees the same order
            order = torch.randperm(self.samples, generator=make_generator("order", self.seed, epoch))
        for number in range(start, len(self)):
            index = order[number * self.batch_size : (number + 1) * self.batch_size].to(self.inputs.device)
            yield RowBatch(self.inputs[index], self.targets[index], index)

    def to(self, device: torch.device) -> RowStream:
        """Return the same stream on a device."""
        inputs, targets = self.inputs.to(device), self.targets.to(device)
        return RowStream(inputs, targets, batch_size=self.batch_size, seed=self.seed, shuffle=self.shuffle)

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: the position is (epoch, batch), which the loop knows."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
