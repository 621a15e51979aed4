"""How well images are translated when the true translation is unknown: a distance between sets of patches."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from axone.data.random import make_generator

PATCH_SIDE = 7  # pixels
DIRECTIONS = 64
MOST_PATCHES = 20_000  # of each set of images

Images = Float[Tensor, "batch channels height width"]


def patch_distance(generated: Images, real: Float[Tensor, "others channels height width"]) -> Float[Tensor, ""]:
    """Return the sliced Wasserstein distance between the patches of two sets of images, in units of a pixel's value.

    Patches of 7 x 7 pixels are projected on random directions, the same at each call. Along each direction the sorted
    values of both sets are compared, and the absolute differences are averaged. As in Karras, Aila, Laine, Lehtinen
    2018 (arXiv:1710.10196), at the finest level only. For two sets of one distribution it is nearly 0.
    """
    size = generated.shape[1] * PATCH_SIDE**2
    directions = torch.randn(size, DIRECTIONS, generator=make_generator("directions", size)).to(generated.device)
    directions /= directions.norm(dim=0)
    projections = [(extract_patches(images.float()) @ directions).sort(0).values for images in (generated, real)]
    count = min(map(len, projections))
    first, second = (
        values[torch.linspace(0, len(values) - 1, count, device=values.device).round().long()] for values in projections
    )
    return (first - second).abs().mean()


def extract_patches(images: Images) -> Float[Tensor, "patches values"]:
    """Return the overlapping patches of all images; every n-th of them if there are more than `MOST_PATCHES`."""
    patches = functional.unfold(images, PATCH_SIDE, stride=PATCH_SIDE // 2).transpose(1, 2).flatten(0, 1)
    return patches[:: max(1, len(patches) // MOST_PATCHES)]
