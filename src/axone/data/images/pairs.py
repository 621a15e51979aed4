"""Batches of two kinds of pictures side by side: pairs, or any numbers of each.

Both sides are streams of their own; the one with fewer batches begins again as often as it must. Which epoch of it
a batch comes from is counted from the start of training, so the position stays (epoch, batch), and resuming costs
nothing here either.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.images.stream import Batch, ImageStream


class PairBatch(NamedTuple):
    """Some pictures of each kind; in pairs where the streams were made so."""

    inputs: Float[Tensor, "batch channels height width"]
    targets: Float[Tensor, "others channels height width"]
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # which pictures of the one side these are
    target_index: Int64[Tensor, " others"]  # and which of the other


class PairStream:
    """Batches of two streams together, as many as the longer one has."""

    def __init__(self, one: ImageStream, other: ImageStream) -> None:
        self.one, self.other = one, other

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return max(len(self.one), len(self.other))

    @property
    def samples(self) -> int:
        """The number of pictures of the longer side seen in an epoch."""
        return max(self.one, self.other, key=len).samples

    def batches(self, epoch: int, start: int = 0) -> Iterator[PairBatch]:
        """Yield the batches of an epoch from number `start` on; those before cost nothing."""
        first = (epoch - 1) * len(self) + start
        ways = (self._from(stream, first) for stream in (self.one, self.other))
        for _number, (one, other) in zip(range(start, len(self)), zip(*ways)):
            yield PairBatch(one.inputs, other.inputs, one.index, other.index)

    @staticmethod
    def _from(stream: ImageStream, first: int) -> Iterator[Batch]:
        """Yield the batches of a stream for ever, from the one with this number of the whole training on."""
        epoch, start = divmod(first, len(stream))
        while True:
            yield from stream.batches(epoch + 1, start)
            epoch, start = epoch + 1, 0

    def to(self, device: torch.device | str) -> PairStream:
        """Return the same stream with its batches on a device."""
        other = copy.copy(self)
        other.one, other.other = self.one.to(device), self.other.to(device)
        return other

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: the position is (epoch, batch), which the loop knows."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
