"""Batches of rows of numbers with a class each: the smallest stream there is."""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.stream import IndexedStream


class RowBatch(NamedTuple):
    """A batch of rows and their classes."""

    inputs: Float[Tensor, "batch columns"]
    targets: Int64[Tensor, " batch"]
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # the indices of the rows in their table


class RowStream(IndexedStream[RowBatch]):
    """Batches of all rows of a table of numbers.

    Args:
        inputs: The rows, as a network takes them.
        targets: The class of each row.
        batch_size, seed, shuffle: See `IndexedStream`.
    """

    def __init__(
        self,
        inputs: Float[Tensor, "rows columns"],
        targets: Int64[Tensor, " rows"],
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
    ) -> None:
        super().__init__(torch.arange(len(inputs)), batch_size=batch_size, seed=seed, shuffle=shuffle)
        self.inputs, self.targets = inputs, targets

    @property
    def index_device(self) -> torch.device:
        """The device of the rows."""
        return self.inputs.device

    def read_batch(self, index: Int64[Tensor, " batch"], epoch: int, number: int) -> RowBatch:
        """Return the rows `index`."""
        return RowBatch(self.inputs[index], self.targets[index], index)

    def to(self, device: torch.device | str) -> RowStream:
        """Return the same stream with its rows on a device."""
        stream = copy.copy(self)
        stream.inputs, stream.targets = self.inputs.to(device), self.targets.to(device)
        return stream
