"""What all streams of data share: a length, an order that is a pure function of (seed, epoch), and no state to save.

`StatelessStream` is any source of batches that depends on nothing but the epoch and the number of the batch.
`IndexedStream` gives batches of the samples of a data set: it owns the order, and a subclass says what a batch is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.random import make_generator

BatchType = TypeVar("BatchType", covariant=True)


class StatelessStream(ABC, Generic[BatchType]):
    """Batches that are a pure function of the epoch and the batch's number, so that there is no state to save."""

    @property
    @abstractmethod
    def samples(self) -> int:
        """The number of samples in an epoch."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of batches in an epoch."""

    @abstractmethod
    def batches(self, epoch: int, start: int = 0) -> Iterator[BatchType]:
        """Yield the batches of an epoch (counted from 1), from batch number `start` (counted from 0) on.

        Skipping the batches before `start` costs nothing.
        """

    @abstractmethod
    def to(self, device: torch.device | str) -> StatelessStream[BatchType]:
        """Return the same stream with its batches on a device."""

    def state_dict(self) -> dict[str, Any]:
        """Return an empty dict: the position is (epoch, batch), which the training loop saves."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Accept the empty dict of `state_dict`."""


class IndexedStream(StatelessStream[BatchType]):
    """Batches of samples that have indices, in an order that is drawn anew for each epoch.

    Args:
        indices: The indices of the samples, in the order in which an unshuffled epoch reads them.
        batch_size: The number of samples in a batch; the last one of an epoch may be smaller.
        seed: The seed of the order.
        shuffle: False: every epoch has the order of `indices`.
        drop_last: Leave out a smaller last batch, unless it is the only one.
        sample_weights: The relative probability of each sample. An epoch then draws as many samples as there are,
            with replacement. None: each sample once.

    Raises:
        ValueError: `batch_size` is below 1.
    """

    def __init__(
        self,
        indices: Int64[Tensor, " samples"],
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        drop_last: bool = False,
        sample_weights: Float[Tensor, " samples"] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.indices = indices
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle
        self.sample_weights = sample_weights
        self.drop_last = drop_last and len(indices) >= batch_size

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        full, rest = divmod(len(self.indices), self.batch_size)
        return full + (rest > 0 and not self.drop_last)

    @property
    def samples(self) -> int:
        """The number of samples in an epoch."""
        return len(self) * self.batch_size if self.drop_last else len(self.indices)

    def order(self, epoch: int) -> Int64[Tensor, " samples"]:
        """Return the indices of an epoch's samples in their order: a pure function of (seed, epoch).

        The order is always drawn on the CPU, so that it is the same on every device.
        """
        if not self.shuffle:
            return self.indices[: self.samples]
        generator = make_generator("order", self.seed, epoch)
        if self.sample_weights is not None:
            drawn = torch.multinomial(self.sample_weights, len(self.indices), replacement=True, generator=generator)
        else:
            drawn = torch.randperm(len(self.indices), generator=generator)
        return self.indices[drawn[: self.samples]]

    def batches(self, epoch: int, start: int = 0) -> Iterator[BatchType]:
        """Yield the batches of an epoch (counted from 1), from batch number `start` (counted from 0) on."""
        if start < 0:
            raise ValueError(f"start must be at least 0, not {start}")
        order = self.order(epoch).to(self.index_device)
        for number in range(start, len(self)):
            yield self.read_batch(order[number * self.batch_size : (number + 1) * self.batch_size], epoch, number)

    @property
    @abstractmethod
    def index_device(self) -> torch.device:
        """The device on which indices select samples."""

    @abstractmethod
    def read_batch(self, index: Int64[Tensor, " batch"], epoch: int, number: int) -> BatchType:
        """Return the batch of the samples `index`, which is batch `number` of an epoch."""
