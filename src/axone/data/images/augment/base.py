"""Augmentation: change a whole batch of pixels at once, without changing what the pictures show.

Each step is `step(pixels, generator, epoch, index) -> pixels`: unsigned bytes in and out, shape
(batch, height, width, channels). All chance comes from the generator, which the stream seeds by
(seed, epoch, batch), so a resumed run sees the very same pictures.

What cannot be done with bytes (`geometry`, `color`, `grain`) is a change of floats, and `in_floats` makes one
step of as many of them as are wanted: bytes become floats once, and floats bytes once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from axone.data.images.augment.rectangles import rectangle_masks
from axone.data.images.stream import Augment
from axone.data.random import stable_seed

Pixels = UInt8[Tensor, "batch height width channels"]
Floats = Float[Tensor, "batch channels height width"]  # pixels counted from 0 to 255

Change = Callable[[Tensor, torch.Generator], Tensor]  # (floats, generator) -> floats of the same shape


def compose(*steps: Augment) -> Augment:
    """Return one step that does these, one after the other."""

    def composed(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        for step in steps:
            pixels = step(pixels, generator, epoch, index)
        return pixels

    return composed


def apply_as_floats(*changes: Change) -> Augment:
    """Return one step that turns bytes into floats, does these changes, and rounds back to bytes.

    The floats are the changes' own, who may overwrite what they get. They may leave 0 to 255 on their way: what
    lies outside at the end becomes the nearest byte.
    """

    def changed(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        floats = pixels.permute(0, 3, 1, 2).float()
        for change in changes:
            floats = change(floats, generator)
        # By way of int16, and channel by channel: the same bytes as the direct way, sooner.
        whole = floats.round_().clamp_(0, 255).to(torch.int16).to(torch.uint8)
        return torch.stack(whole.unbind(1), 3)

    return changed


def flip_left_right(seed: int = 0) -> Augment:
    """Mirror each image in every second epoch: half of them in the even epochs, the others in the odd ones.

    An image is seen both ways in any two epochs in a row, where independent coin tosses would show
    it the same way twice half of the time ("alternating flip", K. Jordan, 94 % on CIFAR-10 in 3.29 seconds on
    a single GPU, 2024, arXiv:2404.00498). Which half an image belongs to depends on its index and the seed.
    """
    # A multiplier with the upper bits well mixed; odd, so that no two indices fall together.
    multiplier = stable_seed("flip", seed) | 1

    def flip(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        half = ((index + 1) * multiplier >> 62) & 1  # int64 products wrap around, on every device
        mirrored = (half ^ (epoch & 1)).nonzero().flatten()
        return pixels.index_copy(0, mirrored, pixels.index_select(0, mirrored).flip(2))

    return flip


def shift(most: int, padding: Literal["reflect", "zero"] = "reflect") -> Augment:
    """Move each image by up to `most` pixels, up or down and left or right, each distance as likely.

    What comes in at the border is black ("zero") or the image mirrored at its outermost pixels ("reflect").
    """

    def move(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        if most == 0:
            return pixels
        batch, height, width, channels = pixels.shape
        down, right = torch.randint(2 * most + 1, (2, batch), generator=generator).to(pixels.device)
        padded = _pad(pixels, most, padding)
        # Every window of the padded image, as a view: one indexing operation then copies those that were drawn.
        each, row, column, channel = padded.stride()
        windows = padded.as_strided(
            (batch, 2 * most + 1, 2 * most + 1, height, width, channels), (each, row, column, row, column, channel)
        )
        return windows[torch.arange(batch, device=pixels.device), down, right]

    return move


def erase(size: int, value: int = 0) -> Augment:
    """Set a square of `size` pixels, anywhere in each image, to a constant ("cutout").

    T. DeVries, G. Taylor, Improved Regularization of Convolutional Neural Networks with Cutout, 2017,
    arXiv:1708.04552. Its center is any pixel, so the square may lie partly outside.
    """

    def cut(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        batch, height, width, _ = pixels.shape
        top, left = (torch.randint(length, (batch,), generator=generator) - size // 2 for length in (height, width))
        sides = torch.full_like(top, size)
        square = rectangle_masks(top, left, sides, sides, (height, width)).to(pixels.device)
        return pixels.masked_fill(square[..., None], value)

    return cut


@dataclass(frozen=True)
class Erasing:
    """How often a rectangle is erased from a picture, and how large it is."""

    probability: float = 0.0  # share of the pictures
    min_area: float = 0.02  # area, as a share of the picture's
    max_area: float = 0.2
    min_ratio: float = 0.3  # height over width, from this to its inverse


def erase_rectangle(ranges: Erasing) -> Augment:
    """Fill a rectangle of some of the pictures with one random color.

    Z. Zhong et al., Random Erasing Data Augmentation, 2017, arXiv:1708.04896: areas equally likely, shapes
    equally likely on a logarithmic scale. A side that would exceed the picture is as long as the picture.
    """

    def cut(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        batch, height, width, channels = pixels.shape
        chosen, area, shape, down, right = torch.rand(5, batch, generator=generator)
        color = torch.randint(256, (batch, 1, 1, channels), generator=generator, dtype=torch.uint8)
        area = (ranges.min_area + (ranges.max_area - ranges.min_area) * area) * height * width
        shape = ranges.min_ratio ** (2 * shape - 1)
        heights = (area * shape).sqrt().round().clamp(1, height)
        widths = (area / shape).sqrt().round().clamp(1, width)
        top, left = (down * (height - heights + 1)).floor(), (right * (width - widths + 1)).floor()
        heights = torch.where(chosen < ranges.probability, heights, 0)
        gone = rectangle_masks(top.long(), left.long(), heights.long(), widths.long(), (height, width))
        return torch.where(gone[..., None].to(pixels.device), color.to(pixels.device), pixels)

    return cut


def _pad(pixels: Tensor, most: int, padding: str) -> Tensor:
    batch, height, width, channels = pixels.shape
    if padding == "zero":
        padded = pixels.new_zeros(batch, height + 2 * most, width + 2 * most, channels)
        padded[:, most : most + height, most : most + width] = pixels
        return padded
    for axis, length in ((1, height), (2, width)):
        # ... 2 1 | 0 1 2 ... n-1 | n-2 n-3 ...: a wave of period 2(n-1), also when the shift exceeds the image
        place = torch.arange(-most, length + most, device=pixels.device) % max(2 * (length - 1), 1)
        pixels = pixels.index_select(axis, torch.minimum(place, 2 * (length - 1) - place))
    return pixels
