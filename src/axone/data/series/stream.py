"""Batches of series: padded at the end to the longest of the batch, with their lengths and what follows them."""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor

from axone.data.sequences.buckets import BucketedStream
from axone.data.series.series import Series
from axone.data.series.windows import Windows


class SeriesBatch(NamedTuple):
    """A batch of series in their own units; NaN where a value is missing, 0 at the padding."""

    values: Float[Tensor, "batch steps channels"]
    lengths: Int64[Tensor, " batch"]
    targets: Shaped[Tensor, "batch ..."]  # int64 classes, or the following steps (batch, horizon, channels)
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # the positions of the examples in the stream's windows


def gather_steps(
    values: Float[Tensor, "steps channels"],
    first: Int64[Tensor, " batch"],
    lengths: Int64[Tensor, " batch"],
    steps: int,
) -> Float[Tensor, "batch {steps} channels"]:
    """Return the steps of each example from its first one on, 0 after its length."""
    place = torch.arange(steps, device=values.device)
    own = place < lengths[:, None]
    gathered = values[torch.where(own, first[:, None] + place, first[:, None])]
    return gathered.masked_fill(~own[..., None], 0.0)


def gather_window(
    values: Float[Tensor, "steps channels"], first: Int64[Tensor, " batch"], end: Int64[Tensor, " batch"], steps: int
) -> Float[Tensor, "batch {steps} channels"]:
    """Return the steps before `end`, NaN where they would be before `first`: in front of the first step of a series."""
    place = end[:, None] - steps + torch.arange(steps, device=values.device)
    own = place >= first[:, None]
    return values[torch.where(own, place, first[:, None])].masked_fill(~own[..., None], torch.nan)


class SeriesStream(BucketedStream[SeriesBatch]):
    """Batches of windows of series.

    Args:
        series: The series; with labels where `horizon` is 0.
        windows: The examples.
        horizon: The number of following steps that are the targets; 0: the class of the series is.
        context: The number of steps of each example of a forecast; those before the start of a series are NaN.
        batch_size, seed, shuffle: See `BucketedStream`.
    """

    def __init__(
        self,
        series: Series,
        windows: Windows,
        *,
        horizon: int,
        context: int = 0,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
    ) -> None:
        super().__init__(torch.arange(len(windows)), batch_size=batch_size, seed=seed, shuffle=shuffle)
        self.values, self.labels, self.windows = series.values, series.labels, windows
        self.horizon, self.context = horizon, context

    @property
    def lengths(self) -> Int64[Tensor, " examples"]:
        """The number of steps of each example, by which batches are grouped."""
        return self.windows.lengths.cpu()

    @property
    def index_device(self) -> torch.device:
        """The device of the values."""
        return self.values.device

    def read_batch(self, index: Int64[Tensor, " batch"], epoch: int, number: int) -> SeriesBatch:
        """Return the examples `index`."""
        chosen = self.windows.select(index)
        if self.horizon:
            end = chosen.first + chosen.lengths
            values = gather_window(self.values, chosen.first, end, self.context)
            targets = gather_steps(self.values, end, torch.full_like(end, self.horizon), self.horizon)
            return SeriesBatch(values, torch.full_like(end, self.context), targets, index)
        assert self.labels is not None
        values = gather_steps(self.values, chosen.first, chosen.lengths, int(chosen.lengths.max()))
        return SeriesBatch(values, chosen.lengths, self.labels[chosen.series], index)

    def to(self, device: torch.device | str) -> SeriesStream:
        """Return the same stream with its values on a device."""
        if torch.device(device) == self.values.device:
            return self
        stream = copy.copy(self)
        stream.values = self.values.to(device)
        stream.labels = None if self.labels is None else self.labels.to(device)
        moved = (part.to(device) for part in (self.windows.first, self.windows.lengths, self.windows.series))
        stream.windows = Windows(*moved)
        return stream
