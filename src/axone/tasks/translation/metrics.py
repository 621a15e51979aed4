"""How well pictures are translated when nobody knows the true translation: patches that look like the other side's."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from axone.data.random import make_generator

PATCH, DIRECTIONS, MOST = 7, 64, 20_000  # side of a patch in pixels; directions; patches that are compared

Pictures = Float[Tensor, "batch channels height width"]


def patch_distance(made: Pictures, real: Float[Tensor, "others channels height width"]) -> Float[Tensor, ""]:
    """Return how differently the patches of two sets of pictures are distributed (sliced Wasserstein distance).

    Patches of 7 x 7 pixels are projected on random directions, the same at each call; along each of them the sorted
    values of both sets are compared, and the differences averaged, in units of a pixel. As in Karras, Aila, Laine,
    Lehtinen 2018 (arXiv:1710.10196), at the finest level alone. Two sets from one source come close to 0.
    """
    size = made.shape[1] * PATCH**2
    directions = torch.randn(size, DIRECTIONS, generator=make_generator("directions", size)).to(made.device)
    directions /= directions.norm(dim=0)
    one, other = (_patches(pictures.float()) @ directions for pictures in (made, real))
    count = min(len(one), len(other))
    lines = [values[: len(values)].sort(0).values for values in (one, other)]
    even = [line[torch.linspace(0, len(line) - 1, count, device=line.device).round().long()] for line in lines]
    return (even[0] - even[1]).abs().mean()


def _patches(pictures: Pictures) -> Float[Tensor, "patches numbers"]:
    """Return patches of all pictures, evenly taken where there are more than `MOST`."""
    cut = functional.unfold(pictures, PATCH, stride=PATCH // 2).transpose(1, 2).flatten(0, 1)
    return cut[:: max(1, len(cut) // MOST)]
