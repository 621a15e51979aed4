"""Augmentation: change a whole batch of pixels at once, without changing the class of any image.

A step is a function `step(pixels, generator, epoch, index) -> pixels` of unsigned bytes of shape (batch, height,
width, channels). All randomness comes from the generator, which the stream seeds by (seed, epoch, batch), so a
resumed run gets the same images. The generator is on the device of the pixels (see `data/random.py`).

Changes that need floats (`geometry`, `color`, `blur_noise`) are functions of floats; `apply_as_floats` makes one step
of several of them, so that bytes become floats once and floats become bytes once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int64, UInt8
from torch import Tensor

from axone.data.images.stream import Augment
from axone.data.random import stable_seed

Pixels = UInt8[Tensor, "batch height width channels"]
Floats = Float[Tensor, "batch channels height width"]  # from 0 to 255

Change = Callable[[Tensor, torch.Generator], Tensor]  # (floats, generator) -> floats of the same shape


def compose(*steps: Augment) -> Augment:
    """Return one step that applies these steps in their order."""

    def apply(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        for step in steps:
            pixels = step(pixels, generator, epoch, index)
        return pixels

    return apply


def apply_as_floats(*changes: Change) -> Augment:
    """Return one step that turns bytes into floats, applies these changes, and rounds to bytes.

    A change may overwrite its input. Values may leave 0 to 255 on the way; at the end they become the nearest byte.
    """

    def apply(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        floats = pixels.permute(0, 3, 1, 2).float()
        for change in changes:
            floats = change(floats, generator)
        # Conversion through int16, channel by channel, gives the same bytes as a direct one, and is faster.
        rounded = floats.round_().clamp_(0, 255).to(torch.int16).to(torch.uint8)
        return torch.stack(rounded.unbind(1), 3)

    return apply


def apply_where(
    mask: Bool[Tensor, " batch"], images: Tensor, change: Callable[[Tensor, Int64[Tensor, " rows"]], Tensor]
) -> Tensor:
    """Return a batch whose images are changed where the mask is true.

    The CPU computes the change of those images alone. An accelerator computes it for all of them, because to count
    the true values of the mask would make the CPU wait for it.

    Args:
        mask: The images to change.
        images: The batch, of any shape (batch, ...).
        change: `change(images[rows], rows)` returns these images changed.
    """
    if images.device.type == "cpu":
        rows = mask.nonzero().flatten()
        return images.index_copy(0, rows, change(images[rows], rows)) if len(rows) else images
    rows = torch.arange(len(images), device=images.device)
    return torch.where(mask.view(-1, *(1,) * (images.ndim - 1)), change(images, rows), images)


def flip_left_right(seed: int = 0) -> Augment:
    """Mirror each image in every second epoch: half of them in the even epochs, the others in the odd ones.

    Any two successive epochs show an image both ways, whereas independent coin tosses show it the same way twice half
    of the time ("alternating flip", K. Jordan, 94% on CIFAR-10 in 3.29 Seconds on a Single GPU, 2024,
    arXiv:2404.00498). The half of an image depends on its index and the seed.
    """
    # An odd multiplier with well mixed upper bits: no two indices give the same product.
    multiplier = stable_seed("flip", seed) | 1

    def flip(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        half = ((index + 1) * multiplier >> 62) & 1  # products of int64 wrap around, on every device
        return apply_where((half ^ (epoch & 1)).bool(), pixels, lambda some, rows: some.flip(2))

    return flip


def shift(distance: int, padding: Literal["reflect", "zero"] = "reflect") -> Augment:
    """Translate each image by at most `distance` pixels, vertically and horizontally, uniformly.

    Pixels from outside are black ("zero"), or the image mirrored at its outermost pixels ("reflect").
    """

    def translate(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        if distance == 0:
            return pixels
        batch, height, width, channels = pixels.shape
        drawn = torch.randint(2 * distance + 1, (2, batch), generator=generator, device=generator.device)
        down, right = drawn.to(pixels.device)
        padded = _pad(pixels, distance, padding)
        # All windows of the padded image, as a view: one indexing operation then copies those that were drawn.
        image, row, column, channel = padded.stride()
        windows = padded.as_strided(
            (batch, 2 * distance + 1, 2 * distance + 1, height, width, channels),
            (image, row, column, row, column, channel),
        )
        return windows[torch.arange(batch, device=pixels.device), down, right]

    return translate


def _pad(pixels: Tensor, distance: int, padding: str) -> Tensor:
    batch, height, width, channels = pixels.shape
    if padding == "zero":
        padded = pixels.new_zeros(batch, height + 2 * distance, width + 2 * distance, channels)
        padded[:, distance : distance + height, distance : distance + width] = pixels
        return padded
    for axis, length in ((1, height), (2, width)):
        # ... 2 1 | 0 1 2 ... n-1 | n-2 n-3 ...: a wave of period 2(n-1), also where the distance exceeds the image
        position = torch.arange(-distance, length + distance, device=pixels.device) % max(2 * (length - 1), 1)
        pixels = pixels.index_select(axis, torch.minimum(position, 2 * (length - 1) - position))
    return pixels
