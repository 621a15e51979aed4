"""Batches of images that cost almost nothing: index, augment, normalize, all on whole batches.

The images live decoded in memory, unsigned bytes, channels last, on the device that trains; more than fit there
stay in the processor's memory or in a mapped file, and move batch by batch. A batch is one `index_select` and
one pass to floats; there is no worker process to start, feed or lose. The order is a pure function of
(seed, epoch), so a run that resumes at batch 700 just begins there, and repeats or misses none.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from axone.data.images.dataset import Subset, VerifyPixels
from axone.data.images.normalize import compute_scale_and_offset, scale_and_shift
from axone.data.images.normalize import normalize as normalize
from axone.data.random import make_generator

MOST_OF_DEVICE = 0.5  # share of a device's free memory that pixels may fill; the rest is for training

# (pixels, generator, epoch, index of each image in the set) -> pixels of the same shape
Augment = Callable[[Tensor, torch.Generator, int, Tensor], Tensor]


class Batch(NamedTuple):
    """What a network learns from in one step."""

    inputs: Float[Tensor, "batch channels height width"]
    targets: Int64[Tensor, " batch"]
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # which images of the set these are
    partner_targets: Int64[Tensor, " batch"] | None = None  # where pictures were mixed: the targets of the other ones
    own_share: Float[Tensor, " batch"] | None = None  # and how much of each picture is still its own


class Mixed(NamedTuple):
    """Pictures that were blended with others of their batch."""

    inputs: Float[Tensor, "batch channels height width"]
    partner: Int64[Tensor, " batch"]  # the position in the batch of each picture's other one
    own_share: Float[Tensor, " batch"]  # of itself, from 0 to 1


Mix = Callable[[Tensor, torch.Generator], Mixed]  # normalized pictures -> mixed ones


class ImageStream:
    """Batches of one set of images, in an order drawn afresh for each epoch (or always the set's own)."""

    def __init__(
        self,
        pixels: UInt8[Tensor, "samples height width channels"],
        labels: Int64[Tensor, " samples"],
        *,
        batch_size: int,
        indices: Int64[Tensor, " indices"] | None = None,
        seed: int = 0,
        shuffle: bool = True,
        mean: Sequence[float] = (0.0,),
        std: Sequence[float] = (1.0,),
        augment: Augment | None = None,
        mix: Mix | None = None,
        sample_weights: Float[Tensor, " indices"] | None = None,
        drop_last: bool = False,
        inspect: VerifyPixels | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        """Take images and labels; `mean` and `std` per channel, for pixels counted from 0 to 1.

        `indices` are the images of the set that this stream gives (None: all), so that training and validation
        share one block of pixels. `augment` changes a batch of pixels before they are normalized, `mix` blends
        pictures afterwards; their generators depend on the seed, the epoch and the batch's number alone.
        `sample_weights`, one for each member, are how likely it is to be drawn: an epoch then draws as many images
        as it has indices, some of them several times. `drop_last` leaves out a smaller last batch, unless it
        is the only one. `inspect` sees the pixels of each batch first, and raises when they are damaged.
        """
        if len(pixels) != len(labels):
            raise ValueError(f"{len(pixels)} images but {len(labels)} labels")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.indices = torch.arange(len(pixels)) if indices is None else indices
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.mean, self.std = tuple(mean), tuple(std)
        self.augment, self.mix, self.sample_weights = augment, mix, sample_weights
        self.drop_last = drop_last and len(self.indices) >= batch_size
        self.inspect = inspect
        self._place(pixels.contiguous(), labels, torch.device(device))

    @classmethod
    def of(cls, images: Subset, **options: Any) -> ImageStream:
        """Return the stream of some pictures of a block; `options` as above."""
        block = images.dataset
        return cls(block.pixels, block.labels, indices=images.indices, inspect=block.verify, **options)

    def _place(self, pixels: Tensor, labels: Tensor, device: torch.device) -> None:
        """Make batches on a device, and hold the pixels there if they fit."""
        self.device = device
        self.pixels = copy_to_device(pixels, device)
        self.labels = labels.to(device)
        if self.inspect is not None and self.pixels is not pixels:  # the last time that they are seen here
            for some in self.indices.split(1024):
                self.inspect(some, pixels.index_select(0, some))
            self.inspect = None
        height, width, channels = pixels.shape[1:]
        coefficients = compute_scale_and_offset((height, width, channels), self.mean, self.std)
        self._scale, self._offset = (part.to(device) for part in coefficients)

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        whole, rest = divmod(len(self.indices), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    @property
    def samples(self) -> int:
        """The number of images seen in an epoch."""
        return len(self) * self.batch_size if self.drop_last else len(self.indices)

    def order(self, epoch: int) -> Int64[Tensor, " samples"]:
        """Return the order of an epoch, as indices of images: a pure function of (seed, epoch).

        It is drawn on the processor whatever the device, so that every device sees the same order.
        """
        if not self.shuffle:
            return self.indices[: self.samples]
        generator = make_generator("order", self.seed, epoch)
        if self.sample_weights is not None:
            drawn = torch.multinomial(self.sample_weights, len(self.indices), replacement=True, generator=generator)
        else:
            drawn = torch.randperm(len(self.indices), generator=generator)
        return self.indices[drawn[: self.samples]]

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch from number `start` on; those before cost nothing."""
        if start < 0:
            raise ValueError(f"start must be at least 0, not {start}")
        order = self.order(epoch).to(self.pixels.device)
        for number in range(start, len(self)):
            yield self._batch(order, epoch, number)

    def image_in_epoch(self, epoch: int, image: int) -> Float[Tensor, "channels height width"] | None:
        """Return one image of the set as an epoch shows it first (changed, normalized, mixed), or None if it does not.

        Costs the drawing of the epoch's order and the one batch that the image is in.
        """
        order = self.order(epoch).to(self.pixels.device)
        places = (order == image).nonzero().flatten()
        if not len(places):
            return None
        number, place = divmod(int(places[0]), self.batch_size)
        return self._batch(order, epoch, number).inputs[place]

    def _batch(self, order: Int64[Tensor, " samples"], epoch: int, number: int) -> Batch:
        index = order[number * self.batch_size : (number + 1) * self.batch_size]
        pixels = self.pixels.index_select(0, index)
        if self.inspect is not None:
            self.inspect(index, pixels)
        if pixels.device.type != self.device.type:
            if self.device.type == "cuda":  # from pinned memory the device fetches them while the last batch computes
                pixels = pixels.pin_memory()
            pixels, index = pixels.to(self.device, non_blocking=True), index.to(self.device)
        if self.augment is not None:
            generator = make_generator("augment", self.seed, epoch, number)
            pixels = self.augment(pixels, generator, epoch, index)
        inputs, targets = scale_and_shift(pixels, self._scale, self._offset), self.labels.index_select(0, index)
        if self.mix is None:
            return Batch(inputs, targets, index)
        mixed = self.mix(inputs, make_generator("mix", self.seed, epoch, number))
        return Batch(mixed.inputs, targets, index, targets[mixed.partner], mixed.own_share)

    def to(self, device: torch.device | str) -> ImageStream:
        """Return the same stream with its batches on a device, and its images too where they fit."""
        device = torch.device(device)
        if device == self.device:
            return self
        other = copy.copy(self)
        other._place(self.pixels, self.labels, device)
        return other

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: the position is (epoch, batch), which the loop knows."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""


# Pixels in the processor's memory -> their copies on devices, which all streams of one block share.
_copies: WeakTensorKeyDictionary = WeakTensorKeyDictionary()


def copy_to_device(pixels: Tensor, device: torch.device) -> Tensor:
    """Return the pixels on a device, or as they are when they do not fit there. All who ask for them share a copy."""
    if pixels.device.type != "cpu" or device.type == "cpu":
        return pixels.to(device)
    copies = _copies.setdefault(pixels, {})
    if device not in copies:
        if not _fits(pixels, device):
            return pixels
        copies[device] = pixels.to(device)
    return copies[device]


def _fits(pixels: Tensor, device: torch.device) -> bool:
    if device.type != "cuda":
        return True
    free, _total = torch.cuda.mem_get_info(device)
    return pixels.nbytes < MOST_OF_DEVICE * free
