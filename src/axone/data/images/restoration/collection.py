"""Images of any sizes, decoded, from which a batch of square patches is cut by one indexing operation.

All pixels are in one long tensor, image after image, so that a position in an image is a number, whatever the size of
the image and on whatever device the pixels are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from axone.data.images.dataset import ImageDataset
from axone.data.images.device_copies import copy_to_device

# Bits of a symmetry; together they make the 8 symmetries of a square.
MIRROR_COLUMNS, MIRROR_ROWS, TRANSPOSE = 1, 2, 4
SYMMETRIES = 8


class PatchPositions(NamedTuple):
    """Where patches are cut: from which image, from which pixel on, with which symmetry."""

    index: Int64[Tensor, " patches"]  # type: ignore[assignment]
    top: Int64[Tensor, " patches"]
    left: Int64[Tensor, " patches"]
    symmetry: Int64[Tensor, " patches"]  # bits; 0: unchanged

    def select(self, chosen: slice | Int64[Tensor, " chosen"]) -> PatchPositions:
        """Return some of the positions."""
        return PatchPositions(*(each[chosen] for each in self))


@dataclass(frozen=True)
class ImageCollection:
    """Images of any sizes with the same number of channels.

    Args:
        pixels: The pixels of all images, row after row.
        starts: The position of the first pixel of each image.
        heights: The height of each image.
        widths: The width of each image.
        file_name: Maps an index to the name of the image for people.
    """

    pixels: UInt8[Tensor, "pixels channels"]
    starts: Int64[Tensor, " images"]
    heights: Int64[Tensor, " images"]
    widths: Int64[Tensor, " images"]
    file_name: Callable[[int], str]

    @classmethod
    def from_dataset(cls, dataset: ImageDataset) -> ImageCollection:
        """Return the images of a data set, without a copy."""
        count, height, width, channels = dataset.pixels.shape
        starts = torch.arange(count) * (height * width)
        heights, widths = torch.full((count,), height), torch.full((count,), width)
        return cls(dataset.pixels.view(-1, channels), starts, heights, widths, dataset.name)

    @classmethod
    def stack(cls, images: Sequence[UInt8[np.ndarray, "_ _ channels"]], names: Sequence[str]) -> ImageCollection:
        """Copy images of any sizes into one collection."""
        pixels = np.concatenate([image.reshape(-1, image.shape[2]) for image in images])
        sizes = torch.tensor([image.shape[:2] for image in images], dtype=torch.int64).reshape(-1, 2)
        areas = sizes.prod(1)
        heights, widths = sizes.T.contiguous()
        return cls(torch.from_numpy(pixels), areas.cumsum(0) - areas, heights, widths, names.__getitem__)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.starts)

    @property
    def channels(self) -> int:
        """1 (gray) or 3 (red, green, blue)."""
        return self.pixels.shape[1]

    def crop(self, positions: PatchPositions, side: int) -> UInt8[Tensor, "patches side side channels"]:
        """Return square patches with their symmetries. Outside its border an image continues as its mirror image."""
        heights, widths, starts = (each[positions.index, None] for each in (self.heights, self.widths, self.starts))
        along = torch.arange(side)
        rows = _reflect(positions.top[:, None] + along, heights)
        columns = _reflect(positions.left[:, None] + along, widths)
        symmetry = positions.symmetry[:, None]
        rows = torch.where(symmetry & MIRROR_ROWS > 0, rows.flip(1), rows)
        columns = torch.where(symmetry & MIRROR_COLUMNS > 0, columns.flip(1), columns)
        indices = (starts + rows * widths)[:, :, None] + columns[:, None, :]  # [patches, side, side]
        indices = torch.where(symmetry[:, None] & TRANSPOSE > 0, indices.mT, indices)
        return self.pixels[indices.to(self.pixels.device)]

    def to(self, device: torch.device) -> ImageCollection:
        """Return the same images on a device, or unchanged when they do not fit there."""
        return replace(self, pixels=copy_to_device(self.pixels, device))

    def fingerprint(self) -> str:
        """Return a sha256 over all pixels and sizes."""
        digest = hashlib.sha256(self.pixels.cpu().numpy().data)
        for sizes in (self.heights, self.widths):
            digest.update(sizes.numpy().data)
        return digest.hexdigest()


def _reflect(
    position: Int64[Tensor, "patches side"], length: Int64[Tensor, "patches 1"]
) -> Int64[Tensor, "patches side"]:
    # ... 2 1 | 0 1 2 ... n-1 | n-2 n-3 ...: a wave of period 2(n-1), however far outside the position is
    period = (2 * (length - 1)).clamp_min(1)
    position = position % period
    return torch.minimum(position, period - position) * (length > 1)
