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
VerifyPixels = Callable[[Tensor, Tensor], None]


@dataclass(frozen=True)
class ImageDataset:
    """Pictures and what they show."""

    pixels: UInt8[Tensor, "samples height width channels"]  # contiguous: channels last in memory
    labels: Int64[Tensor, " samples"]
    hashes: UInt8[np.ndarray, "samples 16"]  # a fingerprint of the pixels
    statistics: Int64[np.ndarray, "samples channels 2"]  # sums of values and of their squares
    file_name: Callable[[int], str] | None = None  # index -> the file's name, from the folder's root on
    verify: VerifyPixels | None = None  # for pictures in a mapped file, which are not verified before they are used

    def normalization(self, members: Int64[Tensor, " members"]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the mean and standard deviation of each channel over some pictures, pixels counted from 0 to 1."""
        _samples, height, width, _channels = self.pixels.shape
        return statistics.mean_and_std(self.statistics[members.numpy()], height * width)

    def name(self, index: int) -> str:
        """Name one picture for a person: its file, or its number."""
        return self.file_name(index) if self.file_name else f"#{index}"


def make_dataset(
    pixels: UInt8[Tensor, "samples height width channels"], labels: Int64[Tensor, " samples"]
) -> ImageDataset:
    """Make a block of pictures in memory, counting what there is to count."""
    pixels = pixels.contiguous()
    return ImageDataset(
        pixels, labels, statistics.hash_images(pixels.numpy()), statistics.compute_statistics(pixels.numpy())
    )


@dataclass(frozen=True)
class Subset:
    """Some pictures of a block: those of one part."""

    dataset: ImageDataset
    indices: Int64[Tensor, " members"]  # their indices in the block

    @classmethod
    def all(cls, block: ImageDataset) -> Subset:
        """Return every picture of a block."""
        return cls(block, torch.arange(len(block.labels)))

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.indices)

    @property
    def labels(self) -> Int64[Tensor, " members"]:
        """What these pictures show."""
        return self.dataset.labels[self.indices]

    @property
    def pixels(self) -> UInt8[Tensor, "members height width channels"]:
        """The pixels of these pictures: the block's own where they are all of it, else a copy."""
        if torch.equal(self.indices, torch.arange(len(self.dataset.labels))):
            return self.dataset.pixels
        return self.dataset.pixels[self.indices]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        _samples, height, width, channels = self.dataset.pixels.shape
        return height, width, channels
