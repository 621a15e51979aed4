"""Batches of square pieces of pictures, spoilt and as they should be: what a network learns to clean from.

What is spoilt comes from a `Noise`, drawn afresh for each batch, or from a second gallery that holds the same pictures
with real noise. Everything that is drawn is a pure function of (seed, epoch, batch), so a run that resumes sees the
very same pieces and the very same noise.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from axone.data.images.collection import SYMMETRIES, ImageCollection, PatchPositions
from axone.data.images.noise import Noise
from axone.data.random import make_generator


class NoisyBatch(NamedTuple):
    """Pieces, with pixels counted from 0 to 1."""

    inputs: Float[Tensor, "batch channels side side"]  # as they were spoilt
    targets: Float[Tensor, "batch channels side side"]  # as they should be
    kinds: Int64[Tensor, " batch"] | None = None  # of noise; None where it came with the pictures
    levels: Float[Tensor, " batch"] | None = None


class PatchStream:
    """Pieces of some pictures of a gallery, batch by batch."""

    def __init__(
        self,
        clean: ImageCollection,
        indices: Int64[Tensor, " indices"],
        noise: Noise | ImageCollection,
        *,
        side: int,
        batch_size: int,
        seed: int = 0,
        min_patches: int = 0,
        measured: str = "",
        max_patches: int = 0,
    ) -> None:
        """Take pictures and what spoils them; a gallery of noisy ones has the pictures of `clean` in the same order.

        In training each epoch cuts as many patches as cover the images, and at least `min_patches` where some images
        are larger than a patch, at random positions and with random symmetries. For evaluation (`measured` names the
        split) the patches lie side by side, at most `max_patches` of them, and always get the same noise.
        """
        self.clean, self.indices, self.noise = clean, indices, noise
        self.side, self.batch_size, self.seed, self.measured = side, batch_size, seed, measured
        self.device = clean.pixels.device
        self.heights, self.widths = clean.heights[indices], clean.widths[indices]
        self.whole_images = bool(((self.heights <= side) & (self.widths <= side)).all())
        if measured:
            self.places = self._grid(max_patches)
            self.patches = len(self.places.index)
        else:
            self.counts = self._covering(0 if self.whole_images else min_patches)
            self.patches = int(self.counts.sum())
        self.drop_last = not measured and self.patches >= batch_size  # a small last batch would be a noisy step

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return self.patches // self.batch_size if self.drop_last else -(-self.patches // self.batch_size)

    @property
    def samples(self) -> int:
        """The number of pieces seen in an epoch."""
        return len(self) * self.batch_size if self.drop_last else self.patches

    def batches(self, epoch: int, start: int = 0) -> Iterator[NoisyBatch]:
        """Yield the batches of an epoch (counted from 1), leaving out the first `start` of them."""
        places = self.places if self.measured else self._drawn(epoch)
        moment: tuple[int | str, ...] = (self.measured,) if self.measured else (epoch,)
        for number in range(start, len(self)):
            here = places.select(slice(number * self.batch_size, (number + 1) * self.batch_size))
            clean = self._cut(self.clean, here)
            if isinstance(self.noise, ImageCollection):
                yield NoisyBatch(self._cut(self.noise, here), clean)
            else:
                spoilt = self.noise(clean, make_generator("noise", self.seed, *moment, number))
                yield NoisyBatch(spoilt.pixels, clean, spoilt.kinds, spoilt.levels)

    def to(self, device: torch.device | str) -> PatchStream:
        """Return the same stream with its batches on a device, and its pictures too where they fit."""
        other = copy.copy(self)
        other.device = torch.device(device)
        other.clean = self.clean.to(other.device)
        other.noise = self.noise.to(other.device) if isinstance(self.noise, ImageCollection) else self.noise
        return other

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: the position is (epoch, batch), which the loop knows."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""

    def _cut(self, gallery: ImageCollection, places: PatchPositions) -> Float[Tensor, "batch channels side side"]:
        return to_unit_range(gallery.crop(places, self.side).to(self.device))

    def _covering(self, min_patches: int) -> Int64[Tensor, " indices"]:
        """Count the pieces that each picture gives in an epoch: as many as cover it, times a whole number."""
        counts = (self.heights * self.widths / self.side**2).round().clamp_min(1).long()
        return counts * max(1, -(-min_patches // int(counts.sum())))

    def _drawn(self, epoch: int) -> PatchPositions:
        generator = make_generator("pieces", self.seed, epoch)
        member = torch.arange(len(self.indices)).repeat_interleave(self.counts)
        member = member[torch.randperm(self.patches, generator=generator)]
        chance = torch.rand(2, self.patches, generator=generator)
        room = (torch.stack([self.heights, self.widths])[:, member] - self.side).clamp_min(0)
        top, left = (chance * (room + 1)).long()
        turn = torch.randint(1 if self.whole_images else SYMMETRIES, (self.patches,), generator=generator)
        return PatchPositions(self.indices[member], top, left, turn)

    def _grid(self, max_patches: int) -> PatchPositions:
        """Return pieces side by side, evenly over each picture; of too many, as many as wanted, evenly taken."""
        rows, columns = ((sides // self.side).clamp_min(1) for sides in (self.heights, self.widths))
        counts = rows * columns
        member = torch.arange(len(self.indices)).repeat_interleave(counts)
        within = torch.arange(len(member)) - (counts.cumsum(0) - counts)[member]
        top = _spaced(within // columns[member], rows[member], self.heights[member] - self.side)
        left = _spaced(within % columns[member], columns[member], self.widths[member] - self.side)
        places = PatchPositions(self.indices[member], top, left, torch.zeros_like(top))
        if max_patches and len(member) > max_patches:
            places = places.select(torch.linspace(0, len(member) - 1, max_patches, dtype=torch.float64).round().long())
        return places


def to_unit_range(pixels: UInt8[Tensor, "batch height width channels"]) -> Float[Tensor, "batch channels height width"]:
    """Turn bytes into numbers from 0 to 1, channels last in memory."""
    return pixels.permute(0, 3, 1, 2).float().div_(255)


def _spaced(
    number: Int64[Tensor, " pieces"], count: Int64[Tensor, " pieces"], room: Int64[Tensor, " pieces"]
) -> Int64[Tensor, " pieces"]:
    """Return where the pieces of a row begin: from one end of the room to the other, a single one in its middle."""
    ends = (room.clamp_min(0) * number / (count - 1).clamp_min(1)).round().long()
    return torch.where(count > 1, ends, room.clamp_min(0) // 2)
