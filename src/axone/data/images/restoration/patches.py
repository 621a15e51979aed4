"""Batches of square patches of images, degraded and clean: the training data of a network that restores images.

Degraded patches come from a `Noise`, drawn anew for each batch, or from a second collection with the same images and
real noise. Everything random is a pure function of (seed, epoch, batch), so a resumed run gets the same patches and
the same noise.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from axone.data.images.restoration.collection import SYMMETRIES, ImageCollection, PatchPositions
from axone.data.images.restoration.noise import Noise
from axone.data.random import make_generator
from axone.data.stream import StatelessStream


class NoisyBatch(NamedTuple):
    """A batch of patches, with pixels from 0 to 1."""

    inputs: Float[Tensor, "batch channels side side"]  # degraded
    targets: Float[Tensor, "batch channels side side"]  # clean
    kinds: Int64[Tensor, " batch"] | None = None  # positions in `Noise.kinds`; None where the noise is real
    levels: Float[Tensor, " batch"] | None = None  # None where the noise is real


class PatchStream(StatelessStream[NoisyBatch]):
    """Batches of patches of some images of a collection.

    In training, each epoch cuts as many patches as cover the images, at random positions and with random symmetries.
    In evaluation, the patches are the same in every epoch, lie side by side, and have the same noise.

    Args:
        clean: The collection of clean images.
        indices: The images of this stream.
        noise: What degrades the patches, or the collection of noisy images, in the order of `clean`.
        side: The side of a patch, in pixels.
        batch_size: Patches in a batch. In training a smaller last batch is left out, unless it is the only one.
        seed: The seed of positions, symmetries and noise.
        min_patches: The least number of patches in a training epoch, unless every image fits into one patch.
        evaluation: The name of the split that is evaluated ("validation" or "test"), which seeds its noise. Empty:
            training.
        max_patches: The largest number of patches in an evaluation, taken evenly from all. 0: all.
    """

    def __init__(
        self,
        clean: ImageCollection,
        indices: Int64[Tensor, " subset"],
        noise: Noise | ImageCollection,
        *,
        side: int,
        batch_size: int,
        seed: int = 0,
        min_patches: int = 0,
        evaluation: str = "",
        max_patches: int = 0,
    ) -> None:
        self.clean, self.indices, self.noise = clean, indices, noise
        self.side, self.batch_size, self.seed, self.evaluation = side, batch_size, seed, evaluation
        self.device = clean.pixels.device
        self.heights, self.widths = clean.heights[indices], clean.widths[indices]
        self.whole_images = bool(((self.heights <= side) & (self.widths <= side)).all())
        if evaluation:
            self.grid = self._lay_grid(max_patches)
            self.patches = len(self.grid.index)
        else:
            self.counts = self._count_patches(0 if self.whole_images else min_patches)
            self.patches = int(self.counts.sum())
        self.drop_last = not evaluation and self.patches >= batch_size  # the gradient of a small batch is noisy

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        full, rest = divmod(self.patches, self.batch_size)
        return full + (rest > 0 and not self.drop_last)

    @property
    def samples(self) -> int:
        """The number of patches in an epoch."""
        return len(self) * self.batch_size if self.drop_last else self.patches

    def batches(self, epoch: int, start: int = 0) -> Iterator[NoisyBatch]:
        """Yield the batches of an epoch (counted from 1), from batch number `start` on."""
        positions = self.grid if self.evaluation else self._draw_positions(epoch)
        purpose = self.evaluation or epoch
        for number in range(start, len(self)):
            some = positions.select(slice(number * self.batch_size, (number + 1) * self.batch_size))
            clean = self._crop(self.clean, some)
            if isinstance(self.noise, ImageCollection):
                yield NoisyBatch(self._crop(self.noise, some), clean)
            else:
                generator = make_generator("noise", self.seed, purpose, number, device=clean.device)
                noisy = self.noise(clean, generator)
                yield NoisyBatch(noisy.pixels, clean, noisy.kinds, noisy.levels)

    def to(self, device: torch.device | str) -> PatchStream:
        """Return the same stream with its batches on a device, and its images too where they fit."""
        stream = copy.copy(self)
        stream.device = torch.device(device)
        stream.clean = self.clean.to(stream.device)
        stream.noise = self.noise.to(stream.device) if isinstance(self.noise, ImageCollection) else self.noise
        return stream

    def _crop(self, images: ImageCollection, positions: PatchPositions) -> Float[Tensor, "batch channels side side"]:
        return to_unit_range(images.crop(positions, self.side).to(self.device))

    def _count_patches(self, min_patches: int) -> Int64[Tensor, " subset"]:
        """Return the number of patches of each image in an epoch: as many as cover it, times a whole number."""
        counts = (self.heights * self.widths / self.side**2).round().clamp_min(1).long()
        return counts * max(1, -(-min_patches // int(counts.sum())))

    def _draw_positions(self, epoch: int) -> PatchPositions:
        generator = make_generator("pieces", self.seed, epoch)
        image = torch.arange(len(self.indices)).repeat_interleave(self.counts)
        image = image[torch.randperm(self.patches, generator=generator)]
        uniform = torch.rand(2, self.patches, generator=generator)
        margin = (torch.stack([self.heights, self.widths])[:, image] - self.side).clamp_min(0)
        top, left = (uniform * (margin + 1)).long()
        symmetry = torch.randint(1 if self.whole_images else SYMMETRIES, (self.patches,), generator=generator)
        return PatchPositions(self.indices[image], top, left, symmetry)

    def _lay_grid(self, max_patches: int) -> PatchPositions:
        """Return patches that lie side by side, evenly over each image; if too many, an even choice of them."""
        rows, columns = ((lengths // self.side).clamp_min(1) for lengths in (self.heights, self.widths))
        counts = rows * columns
        image = torch.arange(len(self.indices)).repeat_interleave(counts)
        number = torch.arange(len(image)) - (counts.cumsum(0) - counts)[image]  # of the patch within its image
        top = _space_evenly(number // columns[image], rows[image], self.heights[image] - self.side)
        left = _space_evenly(number % columns[image], columns[image], self.widths[image] - self.side)
        positions = PatchPositions(self.indices[image], top, left, torch.zeros_like(top))
        if max_patches and len(image) > max_patches:
            chosen = torch.linspace(0, len(image) - 1, max_patches, dtype=torch.float64).round().long()
            positions = positions.select(chosen)
        return positions


def to_unit_range(pixels: UInt8[Tensor, "batch height width channels"]) -> Float[Tensor, "batch channels height width"]:
    """Return unsigned bytes as floats from 0 to 1, with channels first in the shape and last in memory."""
    return pixels.permute(0, 3, 1, 2).float().div_(255)


def _space_evenly(
    number: Int64[Tensor, " patches"], count: Int64[Tensor, " patches"], margin: Int64[Tensor, " patches"]
) -> Int64[Tensor, " patches"]:
    """Return where patch `number` of `count` in a line begins, from 0 to `margin`; a single one lies in the middle."""
    begin = (margin.clamp_min(0) * number / (count - 1).clamp_min(1)).round().long()
    return torch.where(count > 1, begin, margin.clamp_min(0) // 2)
