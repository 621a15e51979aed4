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

from axone.data.images.collection import TURNS, Gallery, Places
from axone.data.images.noise import Noise
from axone.data.random import generator_for


class Spoilt(NamedTuple):
    """Pieces, with pixels counted from 0 to 1."""

    inputs: Float[Tensor, "batch channels side side"]  # as they were spoilt
    targets: Float[Tensor, "batch channels side side"]  # as they should be
    kinds: Int64[Tensor, " batch"] | None = None  # of noise; None where it came with the pictures
    levels: Float[Tensor, " batch"] | None = None


class PieceStream:
    """Pieces of some pictures of a gallery, batch by batch."""

    def __init__(
        self,
        clean: Gallery,
        members: Int64[Tensor, " members"],
        noise: Noise | Gallery,
        *,
        side: int,
        batch_size: int,
        seed: int = 0,
        least: int = 0,
        measured: str = "",
        most: int = 0,
    ) -> None:
        """Take pictures and what spoils them; a gallery of noisy ones has the pictures of `clean` in the same order.

        In training each epoch cuts as many pieces as cover the pictures, and at least `least` where there are
        pictures larger than a piece; from anywhere, and turned. To measure a part of the data (`measured` names it) the
        pieces lie side by side, at most `most` of them, and always get the same noise.
        """
        self.clean, self.members, self.noise = clean, members, noise
        self.side, self.batch_size, self.seed, self.measured = side, batch_size, seed, measured
        self.device = clean.pixels.device
        self.heights, self.widths = clean.heights[members], clean.widths[members]
        self.whole = bool(((self.heights <= side) & (self.widths <= side)).all())
        if measured:
            self.places = self._grid(most)
            self.pieces = len(self.places.index)
        else:
            self.counts = self._covering(0 if self.whole else least)
            self.pieces = int(self.counts.sum())
        self.drop_last = not measured and self.pieces >= batch_size  # a small last batch would be a noisy step

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return self.pieces // self.batch_size if self.drop_last else -(-self.pieces // self.batch_size)

    @property
    def samples(self) -> int:
        """The number of pieces seen in an epoch."""
        return len(self) * self.batch_size if self.drop_last else self.pieces

    def batches(self, epoch: int, start: int = 0) -> Iterator[Spoilt]:
        """Yield the batches of an epoch (counted from 1), leaving out the first `start` of them."""
        places = self.places if self.measured else self._drawn(epoch)
        moment: tuple[int | str, ...] = (self.measured,) if self.measured else (epoch,)
        for number in range(start, len(self)):
            here = places.only(slice(number * self.batch_size, (number + 1) * self.batch_size))
            clean = self._cut(self.clean, here)
            if isinstance(self.noise, Gallery):
                yield Spoilt(self._cut(self.noise, here), clean)
            else:
                spoilt = self.noise(clean, generator_for("noise", self.seed, *moment, number))
                yield Spoilt(spoilt.pixels, clean, spoilt.kinds, spoilt.levels)

    def to(self, device: torch.device | str) -> PieceStream:
        """Return the same stream with its batches on a device, and its pictures too where they fit."""
        other = copy.copy(self)
        other.device = torch.device(device)
        other.clean = self.clean.to(other.device)
        other.noise = self.noise.to(other.device) if isinstance(self.noise, Gallery) else self.noise
        return other

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: the position is (epoch, batch), which the loop knows."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""

    def _cut(self, gallery: Gallery, places: Places) -> Float[Tensor, "batch channels side side"]:
        return shares(gallery.cut(places, self.side).to(self.device))

    def _covering(self, least: int) -> Int64[Tensor, " members"]:
        """Count the pieces that each picture gives in an epoch: as many as cover it, times a whole number."""
        counts = (self.heights * self.widths / self.side**2).round().clamp_min(1).long()
        return counts * max(1, -(-least // int(counts.sum())))

    def _drawn(self, epoch: int) -> Places:
        generator = generator_for("pieces", self.seed, epoch)
        member = torch.arange(len(self.members)).repeat_interleave(self.counts)
        member = member[torch.randperm(self.pieces, generator=generator)]
        chance = torch.rand(2, self.pieces, generator=generator)
        room = (torch.stack([self.heights, self.widths])[:, member] - self.side).clamp_min(0)
        top, left = (chance * (room + 1)).long()
        turn = torch.randint(1 if self.whole else TURNS, (self.pieces,), generator=generator)
        return Places(self.members[member], top, left, turn)

    def _grid(self, most: int) -> Places:
        """Return pieces side by side, evenly over each picture; of too many, as many as wanted, evenly taken."""
        rows, columns = ((sides // self.side).clamp_min(1) for sides in (self.heights, self.widths))
        counts = rows * columns
        member = torch.arange(len(self.members)).repeat_interleave(counts)
        within = torch.arange(len(member)) - (counts.cumsum(0) - counts)[member]
        top = _spaced(within // columns[member], rows[member], self.heights[member] - self.side)
        left = _spaced(within % columns[member], columns[member], self.widths[member] - self.side)
        places = Places(self.members[member], top, left, torch.zeros_like(top))
        if most and len(member) > most:
            places = places.only(torch.linspace(0, len(member) - 1, most, dtype=torch.float64).round().long())
        return places


def shares(pixels: UInt8[Tensor, "batch height width channels"]) -> Float[Tensor, "batch channels height width"]:
    """Turn bytes into numbers from 0 to 1, channels last in memory."""
    return pixels.permute(0, 3, 1, 2).float().div_(255)


def _spaced(
    number: Int64[Tensor, " pieces"], count: Int64[Tensor, " pieces"], room: Int64[Tensor, " pieces"]
) -> Int64[Tensor, " pieces"]:
    """Return where the pieces of a row begin: from one end of the room to the other, a single one in its middle."""
    ends = (room.clamp_min(0) * number / (count - 1).clamp_min(1)).round().long()
    return torch.where(count > 1, ends, room.clamp_min(0) // 2)
