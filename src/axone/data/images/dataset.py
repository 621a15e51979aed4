"""Images of one size that lie together, in memory or in a mapped file, with a hash and the statistics of each.

Training, validation and test sets are subsets of one data set where they come from one folder: nothing is copied to
split it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from axone.data.images.statistics import compute_statistics, hash_images, mean_and_std

# (indices of a data set, their pixels) -> None. Called before pixels are used; raises where an image is damaged.
VerifyPixels = Callable[[Tensor, Tensor], None]


@dataclass(frozen=True)
class ImageDataset:
    """Images of one size, with the class of each.

    Args:
        pixels: Unsigned bytes, contiguous: channels are last in memory.
        labels: The class of each image.
        hashes: A hash of the pixels of each image: equal for equal images.
        statistics: The sum of the values (0 to 255) and of their squares, of each image and channel.
        file_name: Maps an index to the name of the image's file, relative to the folder. None: not from files.
        verify: Checks pixels of a mapped file when they are first used. None: they are known to be intact.
    """

    pixels: UInt8[Tensor, "samples height width channels"]
    labels: Int64[Tensor, " samples"]
    hashes: UInt8[np.ndarray, "samples 16"]
    statistics: Int64[np.ndarray, "samples channels 2"]
    file_name: Callable[[int], str] | None = None
    verify: VerifyPixels | None = None

    @classmethod
    def from_pixels(
        cls, pixels: UInt8[Tensor, "samples height width channels"], labels: Int64[Tensor, " samples"]
    ) -> ImageDataset:
        """Return a data set of images in memory. Raises ValueError unless each image has a label."""
        if len(pixels) != len(labels):
            raise ValueError(f"{len(pixels)} images but {len(labels)} labels")
        pixels = pixels.contiguous()
        return cls(pixels, labels, hash_images(pixels.numpy()), compute_statistics(pixels.numpy()))

    def mean_and_std(self, indices: Int64[Tensor, " subset"]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the mean and standard deviation of each channel over some images, for pixels from 0 to 1."""
        _samples, height, width, _channels = self.pixels.shape
        return mean_and_std(self.statistics[indices.numpy()], height * width)

    def name(self, index: int) -> str:
        """Return the name of an image for people: its file, or its number."""
        return self.file_name(index) if self.file_name else f"#{index}"


@dataclass(frozen=True)
class Subset:
    """Some images of a data set, for example its training images."""

    dataset: ImageDataset
    indices: Int64[Tensor, " subset"]

    @classmethod
    def all(cls, dataset: ImageDataset) -> Subset:
        """Return all images of a data set."""
        return cls(dataset, torch.arange(len(dataset.labels)))

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.indices)

    @property
    def labels(self) -> Int64[Tensor, " subset"]:
        """The class of each image."""
        return self.dataset.labels[self.indices]

    @property
    def pixels(self) -> UInt8[Tensor, "subset height width channels"]:
        """The pixels of the images: those of the data set itself where the subset is all of it, else a copy."""
        if torch.equal(self.indices, torch.arange(len(self.dataset.labels))):
            return self.dataset.pixels
        return self.dataset.pixels[self.indices]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        _samples, height, width, channels = self.dataset.pixels.shape
        return height, width, channels
