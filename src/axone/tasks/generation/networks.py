"""The layers of generators and discriminators for images: DCGAN's, and residual ones.

A generator's layers map a latent node to an image, a discriminator's map an image to features. Both work on the same
list of map sides (`halve_side`), with twice the channels at each halving (`count_channels`).
"""

from __future__ import annotations

import torch
from torch import nn

from axone.graph import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Embedding,
    Flatten,
    Input,
    Linear,
    Model,
    Node,
    Reshape,
    Upsample,
)

LEAKY_RELU = "leaky_relu(0.2)"
SMALLEST_SIDE = 8  # pixels: smaller maps are not halved again


def halve_side(side: int) -> list[int]:
    """Return the sides of the maps, the largest first: 28 -> [14, 7]."""
    sides = [side // 2]
    while sides[-1] % 2 == 0 and sides[-1] >= SMALLEST_SIDE:
        sides.append(sides[-1] // 2)
    return sides


def count_channels(width: int, levels: int) -> list[int]:
    """Return the channels of the maps of each level: `width`, then twice as many each, at most eight times."""
    return [width * min(2**level, 8) for level in range(levels)]


def embed_class(classes: int, size: int) -> tuple[Node, Node]:
    """Return the input node of a class index [1], and the learned vector [size] of that class."""
    index = Input(1, dtype="int64")
    return index, Flatten()(Embedding(classes, size)(index))


def generator_dcgan(latent: Node, width: int, side: int, channels: int) -> Node:
    """Add a DCGAN generator: transposed convolutions, each after batch norm and ReLU."""
    sides = halve_side(side)
    counts = count_channels(width, len(sides))
    h = Reshape((counts[-1], sides[-1], sides[-1]))(Linear(counts[-1] * sides[-1] ** 2, bias=False)(latent))
    for count in reversed(counts[:-1]):
        h = Activation("relu")(BatchNorm2d()(h))
        h = ConvTranspose2d(count, 4, 2, "same", bias=False)(h)
    return ConvTranspose2d(channels, 4, 2, "same", activation="tanh")(Activation("relu")(BatchNorm2d()(h)))


def discriminator_dcgan(image: Node, width: int, batch_norm: bool) -> Node:
    """Add a DCGAN discriminator's features: strided convolutions, with batch norm after all but the first.

    WGAN-GP needs `batch_norm=False`: its penalty is about the gradient of one image, and batch norm mixes images.
    """
    h = image
    for level, count in enumerate(count_channels(width, len(halve_side(image.shape[1])))):
        normalized = batch_norm and level > 0
        h = Conv2d(count, 4, 2, 1, bias=not normalized)(h)
        h = Activation(LEAKY_RELU)(BatchNorm2d()(h) if normalized else h)
    return Flatten()(h)


def generator_residual(latent: Node, width: int, side: int, channels: int) -> Node:
    """Add a residual generator, from the smallest maps to the image."""
    sides = halve_side(side)
    counts = count_channels(width, len(sides))
    h = Reshape((counts[-1], sides[-1], sides[-1]))(Linear(counts[-1] * sides[-1] ** 2)(latent))
    for level in reversed(range(len(sides))):
        if h.shape[0] != counts[level]:
            h = Conv2d(counts[level], 1)(h)
        if h.shape[1] != sides[level]:
            h = Upsample(2, "bilinear")(h)
        h = residual_block(h, f"maps{sides[level]}")
    h = Upsample(2, "bilinear")(Activation(LEAKY_RELU)(h))
    h = Conv2d(halve_width(width), 3, padding="same", activation=LEAKY_RELU)(h)
    return Conv2d(channels, 3, padding="same", activation="tanh")(h)


def discriminator_residual(image: Node, width: int) -> Node:
    """Add a residual discriminator's features, from the image to the smallest maps and a dense layer."""
    sides = halve_side(image.shape[1])
    h = Conv2d(halve_width(width), 3, padding="same", activation=LEAKY_RELU)(image)
    h = Conv2d(width, 4, 2, 1)(h)
    for side, count in zip(sides, count_channels(width, len(sides)), strict=True):
        if h.shape[1] != side:
            h = AvgPool2d(2)(h)
        if h.shape[0] != count:
            h = Conv2d(count, 1)(h)
        h = residual_block(h, f"maps{side}")
    return Linear(2 * h.shape[0], activation=LEAKY_RELU)(Flatten()(Activation(LEAKY_RELU)(h)))


def residual_block(x: Node, name: str) -> Node:
    """Add two 3x3 convolutions whose output is added to their input; `init_residual` sets the second one to zero."""
    h = Activation(LEAKY_RELU)(x)
    h = Conv2d(x.shape[0], 3, padding="same", activation=LEAKY_RELU, name=f"{name}.first")(h)
    return x + Conv2d(x.shape[0], 3, padding="same", name=f"{name}.last")(h)


def halve_width(width: int) -> int:
    """Return the channels of maps as large as the image, which are the most expensive ones."""
    return max(1, width // 2)


@torch.no_grad()
def init_residual(network: Model) -> None:
    """Initialize as He et al. (2015) for leaky ReLU, with the last convolution of each block at zero (Fixup)."""
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            if name.endswith(".last"):
                nn.init.zeros_(layer.weight)
            else:
                nn.init.kaiming_normal_(layer.weight, 0.2)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
