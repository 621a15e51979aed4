"""Pictures of any sizes, whole and decoded, of which square pieces are cut: a batch of them in one indexing operation.

All pixels lie in one long row, picture after picture, so that a place in a picture is a number, whatever the picture's
size, and on whatever device the row lies.
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
from axone.data.images.stream import copy_to_device

MIRROR_COLUMNS, MIRROR_ROWS, TRANSPOSE = 1, 2, 4  # bits of a turn; together they make the 8 symmetries of a square
SYMMETRIES = 8


class PatchPositions(NamedTuple):
    """Where pieces are cut: of which picture, from which pixel on, turned how."""

    index: Int64[Tensor, " pieces"]  # type: ignore[assignment]
    top: Int64[Tensor, " pieces"]
    left: Int64[Tensor, " pieces"]
    symmetry: Int64[Tensor, " pieces"]  # bits; 0: as it is

    def select(self, chosen: slice | Int64[Tensor, " chosen"]) -> PatchPositions:
        """Return some of the places."""
        return PatchPositions(*(each[chosen] for each in self))


@dataclass(frozen=True)
class ImageCollection:
    """Pictures of one number of channels and of any sizes."""

    pixels: UInt8[Tensor, "pixels channels"]  # all pictures, row after row
    starts: Int64[Tensor, " pictures"]  # the first pixel of each
    heights: Int64[Tensor, " pictures"]
    widths: Int64[Tensor, " pictures"]
    file_name: Callable[[int], str]  # index -> what a person knows the picture by

    @classmethod
    def from_dataset(cls, block: ImageDataset) -> ImageCollection:
        """Return the pictures of a block, without copying them."""
        count, height, width, channels = block.pixels.shape
        starts = torch.arange(count) * (height * width)
        heights, widths = torch.full((count,), height), torch.full((count,), width)
        return cls(block.pixels.view(-1, channels), starts, heights, widths, block.name)

    @classmethod
    def stack(cls, pictures: Sequence[UInt8[np.ndarray, "_ _ channels"]], names: Sequence[str]) -> ImageCollection:
        """Lay pictures of any sizes one after the other."""
        pixels = np.concatenate([picture.reshape(-1, picture.shape[2]) for picture in pictures])
        sizes = torch.tensor([picture.shape[:2] for picture in pictures], dtype=torch.int64).reshape(-1, 2)
        areas = sizes.prod(1)
        heights, widths = sizes.T.contiguous()
        return cls(torch.from_numpy(pixels), areas.cumsum(0) - areas, heights, widths, names.__getitem__)

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.starts)

    @property
    def channels(self) -> int:
        """1 (gray) or 3 (red, green, blue)."""
        return self.pixels.shape[1]

    def crop(self, places: PatchPositions, side: int) -> UInt8[Tensor, "pieces side side channels"]:
        """Cut square pieces, then turn them; beyond its border a picture goes on as its mirror image."""
        heights, widths, starts = (each[places.index, None] for each in (self.heights, self.widths, self.starts))
        along = torch.arange(side)
        rows = _mirrored(places.top[:, None] + along, heights)
        columns = _mirrored(places.left[:, None] + along, widths)
        turn = places.symmetry[:, None]
        rows = torch.where(turn & MIRROR_ROWS > 0, rows.flip(1), rows)
        columns = torch.where(turn & MIRROR_COLUMNS > 0, columns.flip(1), columns)
        found = (starts + rows * widths)[:, :, None] + columns[:, None, :]
        found = torch.where(turn[:, None] & TRANSPOSE > 0, found.mT, found)
        return self.pixels[found.to(self.pixels.device)]

    def to(self, device: torch.device) -> ImageCollection:
        """Return the same pictures on a device, or as they are when they do not fit there."""
        return replace(self, pixels=copy_to_device(self.pixels, device))

    def fingerprint(self) -> str:
        """Return a sha256 over all pixels and sizes."""
        digest = hashlib.sha256(self.pixels.cpu().numpy().data)
        for numbers in (self.heights, self.widths):
            digest.update(numbers.numpy().data)
        return digest.hexdigest()


def _mirrored(place: Int64[Tensor, "pieces side"], length: Int64[Tensor, "pieces 1"]) -> Int64[Tensor, "pieces side"]:
    # ... 2 1 | 0 1 2 ... n-1 | n-2 n-3 ...: a wave of period 2(n-1), however far outside the place is
    period = (2 * (length - 1)).clamp_min(1)
    place = place % period
    return torch.minimum(place, period - place) * (length > 1)
