"""Pictures of one size that lie together, in memory or in a mapped file, and what was counted of each.

Training, validation and test are members of one block where they come from one folder: nothing is copied to
divide them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from axone.data.images import statistics

# Called with indices of a block and their pixels before these are used: raises where a picture is damaged.
Inspect = Callable[[Tensor, Tensor], None]


@dataclass(frozen=True)
class ImageDataset:
    """Pictures and what they show."""

    pixels: UInt8[Tensor, "samples height width channels"]  # contiguous: channels last in memory
    labels: Int64[Tensor, " samples"]
    marks: UInt8[np.ndarray, "samples 16"]  # a fingerprint of the pixels
    moments: Int64[np.ndarray, "samples channels 2"]  # sums of values and of their squares
    names: Callable[[int], str] | None = None  # index -> the file's name, from the folder's root on
    inspect: Inspect | None = None  # for pictures in a mapped file, which are not verified before they are used

    def normalization(self, members: Int64[Tensor, " members"]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the mean and standard deviation of each channel over some pictures, pixels counted from 0 to 1."""
        _samples, height, width, _channels = self.pixels.shape
        return statistics.normalization(self.moments[members.numpy()], height * width)

    def name(self, index: int) -> str:
        """Name one picture for a person: its file, or its number."""
        return self.names(index) if self.names else f"#{index}"


def block(pixels: UInt8[Tensor, "samples height width channels"], labels: Int64[Tensor, " samples"]) -> ImageDataset:
    """Make a block of pictures in memory, counting what there is to count."""
    pixels = pixels.contiguous()
    return ImageDataset(pixels, labels, statistics.marks(pixels.numpy()), statistics.moments(pixels.numpy()))


@dataclass(frozen=True)
class Subset:
    """Some pictures of a block: those of one part."""

    block: ImageDataset
    members: Int64[Tensor, " members"]  # their indices in the block

    @classmethod
    def all(cls, block: ImageDataset) -> Subset:
        """Return every picture of a block."""
        return cls(block, torch.arange(len(block.labels)))

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.members)

    @property
    def labels(self) -> Int64[Tensor, " members"]:
        """What these pictures show."""
        return self.block.labels[self.members]

    @property
    def pixels(self) -> UInt8[Tensor, "members height width channels"]:
        """The pixels of these pictures: the block's own where they are all of it, else a copy."""
        if torch.equal(self.members, torch.arange(len(self.block.labels))):
            return self.block.pixels
        return self.block.pixels[self.members]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        _samples, height, width, channels = self.block.pixels.shape
        return height, width, channels
