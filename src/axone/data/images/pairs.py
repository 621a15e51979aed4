"""Batches of images of two domains together: pairs, or independent samples of each.

Each domain is a stream of its own, and the stream with fewer batches starts again as often as necessary. The epoch of
its batches is counted from the start of training, so the position of both is (epoch, batch) and resuming costs
nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.images.stream import Batch, ImageStream
from axone.data.stream import StatelessStream


class PairBatch(NamedTuple):
    """A batch of images of each domain: pairs, where both streams have the same order."""

    inputs: Float[Tensor, "batch channels height width"]
    targets: Float[Tensor, "targets channels height width"]
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # the indices of the inputs in their data set
    target_index: Int64[Tensor, " targets"]  # the indices of the targets in theirs


class PairStream(StatelessStream[PairBatch]):
    """Batches of two streams together, as many as the longer one has.

    Args:
        source: The images that a network translates.
        target: The images that its output should be like.
    """

    def __init__(self, source: ImageStream, target: ImageStream) -> None:
        self.source, self.target = source, target

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return max(len(self.source), len(self.target))

    @property
    def samples(self) -> int:
        """The number of images of the longer stream in an epoch."""
        return max(self.source, self.target, key=len).samples

    def batches(self, epoch: int, start: int = 0) -> Iterator[PairBatch]:
        """Yield the batches of an epoch (counted from 1), from batch number `start` on."""
        first = (epoch - 1) * len(self) + start
        endless = (_repeat(stream, first) for stream in (self.source, self.target))
        for _number, (source, target) in zip(range(start, len(self)), zip(*endless)):
            yield PairBatch(source.inputs, target.inputs, source.index, target.index)

    def to(self, device: torch.device | str) -> PairStream:
        """Return the same stream with its batches on a device."""
        stream = copy.copy(self)
        stream.source, stream.target = self.source.to(device), self.target.to(device)
        return stream


def _repeat(stream: ImageStream, first: int) -> Iterator[Batch]:
    """Yield the batches of one epoch after another without end, from batch number `first` of the whole training on."""
    epoch, start = divmod(first, len(stream))
    while True:
        yield from stream.batches(epoch + 1, start)
        epoch, start = epoch + 1, 0
