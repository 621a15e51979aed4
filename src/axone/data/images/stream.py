"""Batches of images without a worker process: index, augment, normalize, all on whole batches.

The images stay decoded in memory, as unsigned bytes with channels last, on the device that trains. What does not fit
there stays in the CPU's memory or in a mapped file, and moves batch by batch. A batch is one `index_select` and one
pass to floats. The order is a pure function of (seed, epoch), so a run that resumes at batch 700 begins there, and
repeats or misses no image.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.device_copies import copy_to_device
from axone.data.images.normalize import compute_scale_and_offset, scale_and_shift
from axone.data.random import make_generator
from axone.data.stream import IndexedStream

VERIFIED_TOGETHER = 1024  # images

# (pixels, generator, epoch, index of each image in the data set) -> pixels of the same shape
Augment = Callable[[Tensor, torch.Generator, int, Tensor], Tensor]


class Batch(NamedTuple):
    """A batch of images and their classes."""

    inputs: Float[Tensor, "batch channels height width"]
    targets: Int64[Tensor, " batch"]
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # the indices of the images in their data set
    partner_targets: Int64[Tensor, " batch"] | None = None  # where images were mixed: the classes of the partners
    own_share: Float[Tensor, " batch"] | None = None  # and the weight of each image itself in the mixture


class Mixed(NamedTuple):
    """Images that were mixed with others of their batch."""

    inputs: Float[Tensor, "batch channels height width"]
    partner: Int64[Tensor, " batch"]  # the position in the batch of each image's partner
    own_share: Float[Tensor, " batch"]  # the weight of the image itself, from 0 to 1


Mix = Callable[[Tensor, torch.Generator], Mixed]  # normalized images -> mixed ones


@dataclass(frozen=True)
class ImageTransform:
    """How a stream turns pixels into the inputs of a network: augment, normalize, mix.

    Args:
        mean: The mean of each channel (or one for all), for pixels from 0 to 1.
        std: The standard deviation of each channel (or one for all), for pixels from 0 to 1.
        augment: Changes a batch of pixels before they are normalized.
        mix: Mixes normalized images with each other, and their classes with them.
    """

    mean: Sequence[float] = (0.0,)
    std: Sequence[float] = (1.0,)
    augment: Augment | None = None
    mix: Mix | None = None


IDENTITY = ImageTransform()


class ImageStream(IndexedStream[Batch]):
    """Batches of some images of a data set.

    Args:
        images: The images. Several streams may share one data set, and so one copy of its pixels.
        batch_size, seed, shuffle, drop_last, sample_weights: See `IndexedStream`.
        transform: How pixels become inputs. Its random generators depend on (seed, epoch, batch number) alone.
    """

    def __init__(
        self,
        images: Subset,
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        drop_last: bool = False,
        sample_weights: Float[Tensor, " samples"] | None = None,
        transform: ImageTransform = IDENTITY,
    ) -> None:
        super().__init__(
            images.indices,
            batch_size=batch_size,
            seed=seed,
            shuffle=shuffle,
            drop_last=drop_last,
            sample_weights=sample_weights,
        )
        self.transform = transform
        self.verify = images.dataset.verify
        self._place(images.dataset.pixels, images.dataset.labels, torch.device("cpu"))

    @classmethod
    def from_pixels(
        cls,
        pixels: UInt8[Tensor, "samples height width channels"],
        labels: Int64[Tensor, " samples"],
        **options: Any,
    ) -> ImageStream:
        """Return the stream of all images of an array; `options` as the constructor takes them."""
        return cls(Subset.all(ImageDataset.from_pixels(pixels, labels)), **options)

    def _place(self, pixels: Tensor, labels: Tensor, device: torch.device) -> None:
        """Give batches on a device, and hold the pixels there if they fit."""
        self.device = device
        self.pixels = copy_to_device(pixels, device)
        self.labels = labels.to(device)
        if self.verify is not None and self.pixels is not pixels:  # verified once, before they are copied away
            for some in self.indices.split(VERIFIED_TOGETHER):
                self.verify(some, pixels.index_select(0, some))
            self.verify = None
        height, width, channels = pixels.shape[1:]
        coefficients = compute_scale_and_offset((height, width, channels), self.transform.mean, self.transform.std)
        self._scale, self._offset = (part.to(device) for part in coefficients)

    @property
    def index_device(self) -> torch.device:
        """The device of the pixels."""
        return self.pixels.device

    def read_batch(self, index: Int64[Tensor, " batch"], epoch: int, number: int) -> Batch:
        """Return the images `index`, augmented, normalized and mixed as batch `number` of an epoch."""
        pixels = self.pixels.index_select(0, index)
        if self.verify is not None:
            self.verify(index, pixels)
        if pixels.device.type != self.device.type:
            if self.device.type == "cuda":  # pinned memory is copied while the last batch is still computed
                pixels = pixels.pin_memory()
            pixels, index = pixels.to(self.device, non_blocking=True), index.to(self.device)
        if self.transform.augment is not None:
            generator = make_generator("augment", self.seed, epoch, number, device=pixels.device)
            pixels = self.transform.augment(pixels, generator, epoch, index)
        inputs, targets = scale_and_shift(pixels, self._scale, self._offset), self.labels.index_select(0, index)
        if self.transform.mix is None:
            return Batch(inputs, targets, index)
        mixed = self.transform.mix(inputs, make_generator("mix", self.seed, epoch, number))
        return Batch(mixed.inputs, targets, index, targets[mixed.partner], mixed.own_share)

    def read_image(self, image: int, epoch: int) -> Float[Tensor, "channels height width"] | None:
        """Return an image of the data set as it first occurs in an epoch, or None if it does not occur.

        The image is augmented, normalized and mixed. This costs the epoch's order and one batch.
        """
        order = self.order(epoch).to(self.pixels.device)
        positions = (order == image).nonzero().flatten()
        if not len(positions):
            return None
        number, row = divmod(int(positions[0]), self.batch_size)
        index = order[number * self.batch_size : (number + 1) * self.batch_size]
        return self.read_batch(index, epoch, number).inputs[row]

    def without_augmentation(self, batch_size: int, indices: Int64[Tensor, " samples"] | None = None) -> ImageStream:
        """Return a stream of the same images (or of `indices`), each once, in order, normalized and nothing else."""
        stream = copy.copy(self)
        stream.indices = self.indices if indices is None else indices
        stream.batch_size, stream.shuffle, stream.drop_last, stream.sample_weights = batch_size, False, False, None
        stream.transform = replace(self.transform, augment=None, mix=None)
        return stream

    def to(self, device: torch.device | str) -> ImageStream:
        """Return the same stream with its batches on a device, and its images too where they fit."""
        device = torch.device(device)
        if device == self.device:
            return self
        stream = copy.copy(self)
        stream._place(self.pixels, self.labels, device)
        return stream
