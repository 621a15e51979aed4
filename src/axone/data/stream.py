"""Batches of images that cost almost nothing: index, augment, normalise, all on whole batches.

The images live decoded in memory, unsigned bytes, channels last, on the device that trains. A batch is one
`index_select` and one pass to floats; there is no worker process to start, feed or lose. The order is a pure
function of (seed, epoch), so a run that resumes at batch 700 just begins there, and repeats or misses none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from axone.data.order import generator_for

# (pixels, generator, epoch, index of each image in the set) -> pixels of the same shape
Augment = Callable[[Tensor, torch.Generator, int, Tensor], Tensor]


class Batch(NamedTuple):
    """What a network learns from in one step."""

    inputs: Float[Tensor, "batch channels height width"]
    targets: Int64[Tensor, " batch"]
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # which images of the set these are


class ImageStream:
    """Batches of one set of images, in an order drawn afresh for each epoch (or always the set's own)."""

    def __init__(
        self,
        pixels: UInt8[Tensor, "samples height width channels"],
        labels: Int64[Tensor, " samples"],
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        mean: Sequence[float] = (0.0,),
        std: Sequence[float] = (1.0,),
        augment: Augment | None = None,
        drop_last: bool = False,
        device: torch.device | str = "cpu",
    ) -> None:
        """Take images and labels; `mean` and `std` per channel, for pixels counted from 0 to 1.

        `augment` changes a batch of pixels before they are normalised; its generator depends on the seed,
        the epoch and the batch's number alone. `drop_last` leaves out a smaller last batch, unless it is
        the only one.
        """
        if len(pixels) != len(labels):
            raise ValueError(f"{len(pixels)} images but {len(labels)} labels")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.pixels = pixels.contiguous().to(device)
        self.labels = labels.to(device)
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.mean, self.std = tuple(mean), tuple(std)
        self.augment = augment
        self.drop_last = drop_last and len(pixels) >= batch_size
        self._scale, self._offset = _coefficients(self.pixels, self.mean, self.std)

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        whole, rest = divmod(len(self.pixels), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    @property
    def samples(self) -> int:
        """The number of images seen in an epoch."""
        return len(self) * self.batch_size if self.drop_last else len(self.pixels)

    def order(self, epoch: int) -> Int64[Tensor, " samples"]:
        """Return the order of an epoch, as indices of images: a pure function of (seed, epoch).

        It is drawn on the processor whatever the device, so that every device sees the same order.
        """
        if not self.shuffle:
            return torch.arange(self.samples)
        drawn = torch.randperm(len(self.pixels), generator=generator_for("order", self.seed, epoch))
        return drawn[: self.samples]

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch from number `start` on; those before cost nothing."""
        if start < 0:
            raise ValueError(f"start must be at least 0, not {start}")
        device = self.pixels.device
        order = self.order(epoch).to(device)
        for number in range(start, len(self)):
            index = order[number * self.batch_size : (number + 1) * self.batch_size]
            pixels = self.pixels.index_select(0, index)
            if self.augment is not None:
                generator = generator_for("augment", self.seed, epoch, number)
                pixels = self.augment(pixels, generator, epoch, index)
            yield Batch(_normalise(pixels, self._scale, self._offset), self.labels.index_select(0, index), index)

    def to(self, device: torch.device | str) -> ImageStream:
        """Return the same stream with its images on a device."""
        if torch.device(device) == self.pixels.device:
            return self
        return ImageStream(
            self.pixels,
            self.labels,
            batch_size=self.batch_size,
            seed=self.seed,
            shuffle=self.shuffle,
            mean=self.mean,
            std=self.std,
            augment=self.augment,
            drop_last=self.drop_last,
            device=device,
        )

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: the position is (epoch, batch), which the loop knows."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""


def normalise(
    pixels: UInt8[Tensor, "batch height width channels"], mean: Sequence[float], std: Sequence[float]
) -> Float[Tensor, "batch channels height width"]:
    """Return (pixel / 255 - mean) / std per channel, as the stream does: float32, channels last in memory."""
    return _normalise(pixels, *_coefficients(pixels, mean, std))


def normalisation(
    pixels: UInt8[Tensor, "samples height width channels"],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the mean and standard deviation of each channel, for pixels counted from 0 to 1.

    Both come from a histogram of the 256 values, so they are exact however many pixels there are.
    A channel of one single value gets a standard deviation of 1: there is nothing to scale.
    """
    channels = pixels.shape[3]
    histogram = torch.zeros(channels, 256, dtype=torch.int64)
    chunk = max(1, 4_000_000 // max(1, pixels[0].numel() if len(pixels) else 1))  # bincount widens its input
    for part in pixels.split(chunk):
        for channel in range(channels):
            values = part[..., channel].reshape(-1)
            histogram[channel] += torch.bincount(values, minlength=256).cpu()
    counts = histogram.double()
    total = counts.sum(1).clamp_min(1)
    values = torch.arange(256, dtype=torch.float64) / 255
    mean = counts @ values / total
    variance = (counts * (values - mean[:, None]).square()).sum(1) / total
    several = (counts > 0).sum(1) > 1  # rounding may leave a constant channel a variance just above 0
    std = torch.where(several, variance.sqrt(), 1.0)
    return tuple(mean.tolist()), tuple(std.tolist())


def _coefficients(pixels: Tensor, mean: Sequence[float], std: Sequence[float]) -> tuple[Tensor, Tensor]:
    """Return what a row of pixels (all of one image) is multiplied by, and what is added then."""
    height, width, channels = pixels.shape[1:]
    means = torch.tensor(tuple(mean), dtype=torch.float64).expand(channels)
    stds = torch.tensor(tuple(std), dtype=torch.float64).expand(channels)
    # As long as an image, because a short vector spread over the last axis costs several times more.
    scale, offset = (1 / (255 * stds)).float(), (-means / stds).float()
    return scale.repeat(height * width).to(pixels.device), offset.repeat(height * width).to(pixels.device)


def _normalise(pixels: Tensor, scale: Tensor, offset: Tensor) -> Tensor:
    # Flat rows, two passes in place: measured faster than addcmul, a lookup table, or short vectors.
    floats = pixels.reshape(len(pixels), -1).float().mul_(scale).add_(offset)
    return floats.view(pixels.shape).permute(0, 3, 1, 2)
