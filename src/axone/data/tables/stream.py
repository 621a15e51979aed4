"""Batches of rows that are encoded already: the whole table is put into an epoch's order once, batches are views.

A step on a small network takes less than a millisecond, so that gathering each batch by itself would cost a good
part of it. The order is a pure function of (seed, epoch): resuming costs nothing, and repeats or misses no row.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor

from axone.data.random import make_generator
from axone.data.tables.columns import Encoded

GATHER = 1 << 22  # values that are put into order together: what the processor's caches about hold


class TableBatch(NamedTuple):
    """What a network learns from in one step."""

    numbers: Float[Tensor, "batch numbers"]
    categories: Int64[Tensor, "batch categories"]
    targets: Shaped[Tensor, "batch ..."]  # int64 classes, or float32 numbers (batch, targets)
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # which rows of the table these are


class TableStream:
    """Batches of some rows of a table, in an order drawn afresh for each epoch (or always the table's own)."""

    def __init__(
        self,
        rows: Encoded,
        targets: Shaped[Tensor, "rows ..."],
        *,
        indices: Int64[Tensor, " indices"] | None = None,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        drop_last: bool = False,
    ) -> None:
        """Take encoded rows and their targets; `indices` are the rows that this stream gives (None: all).

        `drop_last` leaves out a smaller last batch, unless it is the only one.
        """
        if len(rows) != len(targets):
            raise ValueError(f"{len(rows)} rows but {len(targets)} targets")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.numbers, self.categories, self.targets = rows.numbers, rows.categories, targets
        self.indices = torch.arange(len(rows)) if indices is None else indices
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle
        self.drop_last = drop_last and len(self.indices) >= batch_size

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        whole, rest = divmod(len(self.indices), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    @property
    def samples(self) -> int:
        """The number of rows seen in an epoch."""
        return len(self) * self.batch_size if self.drop_last else len(self.indices)

    def order(self, epoch: int) -> Int64[Tensor, " samples"]:
        """Return the rows of an epoch in their order: a pure function of (seed, epoch)."""
        if not self.shuffle:
            return self.indices[: self.samples]
        drawn = torch.randperm(len(self.indices), generator=make_generator("order", self.seed, epoch))
        return self.indices[drawn[: self.samples]]

    def batches(self, epoch: int, start: int = 0) -> Iterator[TableBatch]:
        """Yield the batches of an epoch from number `start` on; those before cost nothing."""
        if start < 0:
            raise ValueError(f"start must be at least 0, not {start}")
        order = self.order(epoch)[start * self.batch_size :].to(self.numbers.device)
        width = max(1, self.numbers.shape[1] + self.categories.shape[1])
        together = max(1, GATHER // (width * self.batch_size)) * self.batch_size
        for some in order.split(together) if len(order) else ():
            parts = (self.numbers, self.categories, self.targets)
            gathered = [part.index_select(0, some).split(self.batch_size) for part in parts]
            yield from map(TableBatch, *gathered, some.split(self.batch_size))

    def to(self, device: torch.device | str) -> TableStream:
        """Return the same stream with its rows on a device."""
        if torch.device(device) == self.numbers.device:
            return self
        other = copy.copy(self)
        other.numbers, other.categories, other.targets = (
            part.to(device) for part in (self.numbers, self.categories, self.targets)
        )
        return other

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: the position is (epoch, batch), which the loop knows."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
