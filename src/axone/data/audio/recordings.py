"""Decoded recordings in memory or in a mapped file: the samples of all, one after the other, as integers of 16 bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int16, Int64, UInt8
from torch import Tensor

FULL = 32767  # the largest magnitude of each recording


@dataclass(frozen=True)
class Recordings:
    """The samples of recordings, at one rate.

    Args:
        samples: All samples, one recording after the other; the largest magnitude of each recording is 32767.
        starts: The position of the first sample of each recording.
        ends: The position after the last one of each.
        rate: The sampling rate in Hz.
        names: The name of each recording's file, for people, relative to the folder of the data.
        hashes: 16 bytes of each recording, equal for equal samples.
    """

    samples: Int16[np.ndarray, " samples"]
    starts: Int64[np.ndarray, " recordings"]
    ends: Int64[np.ndarray, " recordings"]
    rate: int
    names: tuple[str, ...]
    hashes: UInt8[np.ndarray, "recordings 16"]

    def __len__(self) -> int:
        """Return the number of recordings."""
        return len(self.names)

    @property
    def lengths(self) -> Int64[Tensor, " recordings"]:
        """The number of samples of each recording."""
        return torch.from_numpy(self.ends - self.starts)

    @property
    def seconds(self) -> float:
        """The length of all recordings together."""
        return int(self.lengths.sum()) / self.rate

    def read(self, index: int) -> Float[Tensor, " samples"]:
        """Return the samples of one recording, from -1 to 1."""
        samples = self.samples[self.starts[index] : self.ends[index]]
        return torch.from_numpy(samples.astype(np.float32)) / FULL

    def select(self, indices: Sequence[int]) -> Recordings:
        """Return some of the recordings; they share the samples."""
        chosen = np.asarray(indices, np.int64)
        return Recordings(
            self.samples, self.starts[chosen], self.ends[chosen], self.rate,
            tuple(self.names[index] for index in indices), self.hashes[chosen],
        )  # fmt: skip

    def read_batch(
        self, index: Int64[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch longest"], Int64[Tensor, " batch"]]:
        """Return the samples of some recordings, right-padded with 0, and the number of samples of each."""
        lengths = self.lengths[index]
        samples = np.zeros((len(index), int(lengths.max())), np.float32)
        for row, (start, length) in enumerate(zip(self.starts[index.numpy()].tolist(), lengths.tolist(), strict=True)):
            samples[row, :length] = self.samples[start : start + length]
        return torch.from_numpy(samples).div_(FULL), lengths


def to_integers(samples: Float[np.ndarray, " samples"]) -> Int16[np.ndarray, " samples"]:
    """Return samples from -1 to 1 as integers of 16 bits."""
    return np.round(np.clip(samples, -1, 1) * FULL).astype(np.int16)
