"""Which pixels an answer rests on: Grad-CAM, occlusion and integrated gradients, each as a function of a network.

All three take one normalized picture (1, channels, height, width) and the number of a class.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as functional
from jaxtyping import Float
from torch import Tensor, nn

from axone.tasks.explanation.features import answers

MOST_COPIES, MOST_PIXELS = 64, 2**18  # of the picture, and pixels of all copies, that are worked on at once

Scores = Callable[[Tensor], Tensor]  # pictures (batch, channels, height, width) -> (batch, classes)


def grad_cam(
    network: nn.Module, picture: Float[Tensor, "1 channels height width"], target: int, layer: str
) -> Float[Tensor, "height width"]:
    """Return where the maps of a layer speak for a class, at the size of the picture; nothing is below zero.

    Each map counts as much as the logit would rise with it, on average over its places. The sum of maps, cut at
    zero, is enlarged between its points. Paper: Selvaraju et al. 2017, arXiv:1610.02391, equations 1 and 2.
    """
    with torch.enable_grad():
        # The picture asks for gradients too, so that a network whose weights are frozen can be explained.
        logits, found = answers(network, picture.detach().clone().requires_grad_(), [layer])
        maps = found[layer]
        (slope,) = torch.autograd.grad(logits[0, target], maps)
    weights = slope.mean((2, 3), keepdim=True)
    heat = (weights * maps).sum(1, keepdim=True).detach().relu()
    return functional.interpolate(heat, size=picture.shape[2:], mode="bilinear", align_corners=False)[0, 0]


@torch.no_grad()
def occlusion(
    chances: Scores, picture: Float[Tensor, "1 channels height width"], target: int, *, patch: int, stride: int
) -> Float[Tensor, "height width"]:
    """Return how much of a class's probability goes when a gray square hides a place (below zero: it comes).

    The square (`patch` pixels wide, of the training set's mean color) moves by `stride` pixels; a pixel gets the
    mean over the squares that hid it. `chances` gives probabilities. Paper: Zeiler and Fergus 2014,
    arXiv:1311.2901, section 4.2.
    """
    height, width = picture.shape[2:]
    corners = [(top, left) for top in _starts(height, patch, stride) for left in _starts(width, patch, stride)]
    whole = chances(picture)[0, target]
    lost, times = torch.zeros_like(picture[0, 0]), torch.zeros_like(picture[0, 0])
    batch = _copies(picture)
    for start in range(0, len(corners), batch):
        some = corners[start : start + batch]
        hidden = picture.repeat(len(some), 1, 1, 1)
        for one, (top, left) in zip(hidden, some):
            one[:, top : top + patch, left : left + patch] = 0.0  # after normalization, the mean color
        drops = whole - chances(hidden)[:, target]
        for drop, (top, left) in zip(drops, some):
            lost[top : top + patch, left : left + patch] += drop
            times[top : top + patch, left : left + patch] += 1
    return lost / times


def integrated_gradients(
    logits: Scores,
    picture: Float[Tensor, "1 channels height width"],
    target: int,
    baseline: Float[Tensor, "1 channels height width"],
    *,
    tolerance: float = 0.01,
    most_steps: int = 256,
) -> tuple[Float[Tensor, "channels height width"], float]:
    """Return what each number of a picture adds to a class's logit, on the way from a baseline; and what is missing.

    The gradient is averaged over the straight way between the two (midpoints; twice as many until the sum of all
    attributions is the difference of the two logits, within `tolerance` of it: completeness), times the difference
    of the pictures. What is missing of completeness is the second answer. Paper: Sundararajan, Taly, Yan 2017,
    arXiv:1703.01365.
    """
    way = picture - baseline
    with torch.no_grad():
        difference = logits(picture)[0, target] - logits(baseline)[0, target]
    steps = 32
    while True:
        slopes = torch.zeros_like(picture)
        for shares in ((torch.arange(steps, device=picture.device) + 0.5) / steps).split(_copies(picture)):
            with torch.enable_grad():
                points = (baseline + shares[:, None, None, None] * way).requires_grad_()
                (slope,) = torch.autograd.grad(logits(points)[:, target].sum(), points)
            slopes += slope.sum(0, keepdim=True)
        parts = (way * slopes / steps)[0]
        missing = float(difference - parts.sum())
        if abs(missing) <= tolerance * abs(float(difference)) or 2 * steps > most_steps:
            return parts, missing
        steps *= 2


def _copies(picture: Float[Tensor, "1 channels height width"]) -> int:
    """Return how many copies of a picture are worked on at once: large networks keep much for each gradient."""
    return max(1, min(MOST_COPIES, MOST_PIXELS // (picture.shape[2] * picture.shape[3])))


def _starts(length: int, patch: int, stride: int) -> list[int]:
    """List where squares begin along a side so that every pixel is hidden at least once, none beyond the edge."""
    last = max(0, length - patch)
    return sorted({min(start, last) for start in range(0, length, stride)})
