"""Batches of rows that are encoded already: the table is gathered in an epoch's order, and batches are views of that.

A step of a small network takes less than a millisecond, so that gathering each batch by itself would cost a good
part of it. The order is a pure function of (seed, epoch): resuming costs nothing, and repeats or misses no row.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor

from axone.data.stream import IndexedStream
from axone.data.tables.columns import Encoded

GATHERED_TOGETHER = 1 << 22  # values: about what the processor's caches hold


class TableBatch(NamedTuple):
    """A batch of rows and their targets."""

    numbers: Float[Tensor, "batch numbers"]
    categories: Int64[Tensor, "batch categories"]
    targets: Shaped[Tensor, "batch ..."]  # int64 classes, or float32 numbers (batch, targets)
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # the indices of the rows in their table


class TableStream(IndexedStream[TableBatch]):
    """Batches of some rows of a table.

    Args:
        rows: The encoded rows of the table.
        targets: Their targets: int64 classes, or float32 numbers (rows, targets).
        indices: The rows of this stream. None: all.
        batch_size, seed, shuffle, drop_last: See `IndexedStream`.

    Raises:
        ValueError: There are not as many targets as rows, or `batch_size` is below 1.
    """

    def __init__(
        self,
        rows: Encoded,
        targets: Shaped[Tensor, "rows ..."],
        *,
        indices: Int64[Tensor, " subset"] | None = None,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        drop_last: bool = False,
    ) -> None:
        if len(rows) != len(targets):
            raise ValueError(f"{len(rows)} rows but {len(targets)} targets")
        indices = torch.arange(len(rows)) if indices is None else indices
        super().__init__(indices, batch_size=batch_size, seed=seed, shuffle=shuffle, drop_last=drop_last)
        self.numbers, self.categories, self.targets = rows.numbers, rows.categories, targets

    @property
    def index_device(self) -> torch.device:
        """The device of the rows."""
        return self.numbers.device

    def read_batch(self, index: Int64[Tensor, " batch"], epoch: int, number: int) -> TableBatch:
        """Return the rows `index`."""
        return TableBatch(
            self.numbers.index_select(0, index),
            self.categories.index_select(0, index),
            self.targets.index_select(0, index),
            index,
        )

    def batches(self, epoch: int, start: int = 0) -> Iterator[TableBatch]:
        """Yield the batches of an epoch (counted from 1), from batch number `start` on, gathered many at a time."""
        if start < 0:
            raise ValueError(f"start must be at least 0, not {start}")
        order = self.order(epoch)[start * self.batch_size :].to(self.index_device)
        width = max(1, self.numbers.shape[1] + self.categories.shape[1])
        together = max(1, GATHERED_TOGETHER // (width * self.batch_size)) * self.batch_size
        for rows in order.split(together) if len(order) else ():
            parts = (part.split(self.batch_size) for part in self.read_batch(rows, epoch, start))
            for numbers, categories, targets, index in zip(*parts):
                yield TableBatch(numbers, categories, targets, index)

    def to(self, device: torch.device | str) -> TableStream:
        """Return the same stream with its rows on a device."""
        if torch.device(device) == self.numbers.device:
            return self
        stream = copy.copy(self)
        stream.numbers, stream.categories, stream.targets = (
            part.to(device) for part in (self.numbers, self.categories, self.targets)
        )
        return stream
