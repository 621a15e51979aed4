"""Mix the images of a batch with each other; `tasks/classification/learner.py` mixes the losses alike.

    H. Zhang et al., mixup: Beyond Empirical Risk Minimization, 2017, arXiv:1710.09412
    S. Yun et al., CutMix: Regularization Strategy to Train Strong Classifiers, 2019, arXiv:1905.04899

Difference from both papers: the weight of an image is drawn for each image, not once for the batch. Draws are a few
numbers per image and decide what is computed, so their generator is the CPU's on every device.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.augment.rectangles import rectangle_masks
from axone.data.images.stream import Mix, Mixed

Inputs = Float[Tensor, "batch channels height width"]


def mixup(concentration: float) -> Mix:
    """Average each image with another one of the batch.

    The weight of the image itself is drawn from Beta(concentration, concentration): 0.2 leaves most images nearly
    unchanged, 1 makes the weight uniform.
    """

    def mix(inputs: Inputs, generator: torch.Generator) -> Mixed:
        partner = torch.randperm(len(inputs), generator=generator).to(inputs.device)
        weight = draw_beta(len(inputs), concentration, generator).to(inputs.device)
        own = inputs.permute(0, 2, 3, 1)  # as the images of a stream lie in memory: channels last
        mixed = torch.lerp(own[partner], own, weight[:, None, None, None])
        return Mixed(mixed.permute(0, 3, 1, 2), partner, weight)

    return mix


def cutmix(concentration: float) -> Mix:
    """Paste a rectangle of another image of the batch into each image, at the same position.

    The rectangle has the proportions of the image and covers 1 - Beta(concentration, concentration) of it, less what
    lies outside. The weight of the image itself is the fraction of its pixels that remain.
    """

    def mix(inputs: Inputs, generator: torch.Generator) -> Mixed:
        batch, _, height, width = inputs.shape
        partner = torch.randperm(batch, generator=generator).to(inputs.device)
        side = (1 - draw_beta(batch, concentration, generator)).sqrt()
        center = torch.rand(2, batch, generator=generator)
        heights, widths = ((side * length).round().long() for length in (height, width))
        top, left = (center[0] * height).long() - heights // 2, (center[1] * width).long() - widths // 2
        pasted = rectangle_masks(top, left, heights, widths, (height, width)).to(inputs.device)
        own = inputs.permute(0, 2, 3, 1)
        mixed = torch.where(pasted[..., None], own[partner], own)
        return Mixed(mixed.permute(0, 3, 1, 2), partner, 1 - pasted.float().mean((1, 2)))

    return mix


def choose_mix(*mixes: Mix) -> Mix:
    """Mix each batch in one of several ways, all with the same probability."""

    def mix(inputs: Inputs, generator: torch.Generator) -> Mixed:
        return mixes[int(torch.randint(len(mixes), (), generator=generator))](inputs, generator)

    return mix


def draw_beta(count: int, concentration: float, generator: torch.Generator) -> Float[Tensor, " count"]:
    """Draw numbers from 0 to 1, distributed as Beta(concentration, concentration)."""
    # The distributions of torch draw from the global random state only; those of NumPy take a seed, drawn here.
    seed = int(torch.randint(2**63 - 1, (), generator=generator))
    drawn = np.random.default_rng(seed).beta(concentration, concentration, count)
    return torch.from_numpy(drawn).float()
