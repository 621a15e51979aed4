"""Attribution of a logit to pixels: Grad-CAM, occlusion and integrated gradients, each as a function of a network.

All three take one normalized image [1, channels, height, width] and the index of a class.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as functional
from jaxtyping import Float
from torch import Tensor, nn

from axone.tasks.explanation.features import compute_activations

MAX_COPIES, MAX_PIXELS = 64, 2**18  # of one image in a batch, and of all pixels in that batch

Scores = Callable[[Tensor], Tensor]  # images [batch, channels, height, width] -> [batch, classes]


def grad_cam(
    network: nn.Module, image: Float[Tensor, "1 channels height width"], target: int, layer: str
) -> Float[Tensor, "height width"]:
    """Return a heat map, at least 0, of where the feature maps of a layer raise a class's logit.

    Each feature map is weighted by the mean gradient of the logit with respect to it. The weighted sum, clipped at
    zero, is resized to the image with bilinear interpolation.

    Paper: Selvaraju et al. 2017, "Grad-CAM", arXiv:1610.02391, equations 1 and 2.

    Args:
        network: The network; its weights may be frozen.
        image: One normalized image.
        target: The index of the class.
        layer: The name of a layer whose output is [1, maps, map height, map width].
    """
    with torch.enable_grad():
        # The image requires gradients too, so that a network with frozen weights can be explained.
        logits, activations = compute_activations(network, image.detach().clone().requires_grad_(), [layer])
        maps = activations[layer]  # [1, maps, map height, map width]
        (gradients,) = torch.autograd.grad(logits[0, target], maps)
    weights = gradients.mean((2, 3), keepdim=True)  # [1, maps, 1, 1]
    heat = (weights * maps).sum(1, keepdim=True).detach().relu()  # [1, 1, map height, map width]
    return functional.interpolate(heat, size=image.shape[2:], mode="bilinear", align_corners=False)[0, 0]


@torch.no_grad()
def occlusion(
    probabilities: Scores, image: Float[Tensor, "1 channels height width"], target: int, *, patch: int, stride: int
) -> Float[Tensor, "height width"]:
    """Return, for each pixel, how much the probability of a class falls when a gray square hides it.

    A pixel's value is the mean over all squares that cover it; it is negative where the probability rises.

    Paper: Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901, section 4.2.

    Args:
        probabilities: Maps images to probabilities of classes.
        image: One normalized image.
        target: The index of the class.
        patch: The side of the square, in pixels. Its color is the mean color of the training set.
        stride: The distance between neighboring squares, in pixels.
    """
    height, width = image.shape[2:]
    corners = [
        (top, left) for top in _patch_starts(height, patch, stride) for left in _patch_starts(width, patch, stride)
    ]
    original = probabilities(image)[0, target]
    total, covers = torch.zeros_like(image[0, 0]), torch.zeros_like(image[0, 0])  # [height, width] each
    batch_size = _copies_per_batch(image)
    for start in range(0, len(corners), batch_size):
        batch_corners = corners[start : start + batch_size]
        occluded = image.repeat(len(batch_corners), 1, 1, 1)  # [squares, channels, height, width]
        for copy, (top, left) in zip(occluded, batch_corners):
            copy[:, top : top + patch, left : left + patch] = 0.0  # after normalization, 0 is the mean color
        drops = original - probabilities(occluded)[:, target]  # [squares]
        for drop, (top, left) in zip(drops, batch_corners):
            total[top : top + patch, left : left + patch] += drop
            covers[top : top + patch, left : left + patch] += 1
    return total / covers


def integrated_gradients(
    logits: Scores,
    image: Float[Tensor, "1 channels height width"],
    target: int,
    baseline: Float[Tensor, "1 channels height width"],
    *,
    tolerance: float = 0.01,
    max_steps: int = 256,
) -> tuple[Float[Tensor, "channels height width"], float]:
    """Return the contribution of each value of an image to a class's logit, relative to a baseline image.

    The gradient is averaged along the straight path from the baseline to the image (midpoint rule) and multiplied by
    their difference. By the completeness axiom the contributions add up to the difference of the two logits; the number
    of steps is doubled until they do, within `tolerance` of that difference, or until `max_steps`.

    Paper: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", arXiv:1703.01365.

    Args:
        logits: Maps images to logits, with gradients.
        image: One normalized image.
        target: The index of the class.
        baseline: The image from which the path starts.
        tolerance: The allowed residual, as a share of the difference of the logits.
        max_steps: The largest number of points on the path.

    Returns:
        The contributions, and the residual: the difference of the logits minus their sum.
    """
    direction = image - baseline
    with torch.no_grad():
        difference = logits(image)[0, target] - logits(baseline)[0, target]
    steps = 32
    while True:
        gradient_sum = torch.zeros_like(image)
        for positions in ((torch.arange(steps, device=image.device) + 0.5) / steps).split(_copies_per_batch(image)):
            with torch.enable_grad():
                points = (baseline + positions[:, None, None, None] * direction).requires_grad_()  # [points, c, h, w]
                (gradients,) = torch.autograd.grad(logits(points)[:, target].sum(), points)
            gradient_sum += gradients.sum(0, keepdim=True)
        contributions = (direction * gradient_sum / steps)[0]
        residual = float(difference - contributions.sum())
        if abs(residual) <= tolerance * abs(float(difference)) or 2 * steps > max_steps:
            return contributions, residual
        steps *= 2


def _copies_per_batch(image: Float[Tensor, "1 channels height width"]) -> int:
    """Return how many copies of an image fit in a batch: a large network stores much for each gradient."""
    return max(1, min(MAX_COPIES, MAX_PIXELS // (image.shape[2] * image.shape[3])))


def _patch_starts(length: int, patch: int, stride: int) -> list[int]:
    """Return where squares start along a side so that each pixel is covered at least once and none is outside."""
    last = max(0, length - patch)
    return sorted({min(start, last) for start in range(0, length, stride)})
