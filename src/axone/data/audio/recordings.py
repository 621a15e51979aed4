"""Decoded recordings in memory or in a mapped file: the samples of all, one after the other, as integers of 16 bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int16, Int64, UInt8
from torch import Tensor


@dataclass(frozen=True)
class Recordings:
    """The samples of recordings, at one rate.

    Args:
        samples: All samples, one recording after the other; the largest magnitude of each recording is 32767.
        starts: The position of the first sample of each recording, and the end of the last.
        rate: The sampling rate in Hz.
        names: The name of each recording's file, for people, relative to the folder of the data.
        hashes: 16 bytes of each recording, equal for equal samples.
    """

    samples: Int16[np.ndarray, " samples"]
    starts: Int64[np.ndarray, " bounds"]
    rate: int
    names: tuple[str, ...]
    hashes: UInt8[np.ndarray, "recordings 16"]

    def __len__(self) -> int:
        """Return the number of recordings."""
        return len(self.names)

    @property
    def lengths(self) -> Int64[Tensor, " recordings"]:
        """The number of samples of each recording."""
        return torch.from_numpy(np.diff(self.starts))

    def read(self, index: int) -> Float[Tensor, " samples"]:
        """Return the samples of one recording, from -1 to 1."""
        raise NotImplementedError

    def read_batch(
        self, index: Int64[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch longest"], Int64[Tensor, " batch"]]:
        """Return the samples of some recordings, right-padded with 0, and the number of samples of each."""
        raise NotImplementedError
