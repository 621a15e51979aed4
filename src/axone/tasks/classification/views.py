"""Views of an image (test-time augmentation): a classifier averages its logits over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from axone.tasks.classification.settings import ImageClassificationSettings

Views = Callable[[Tensor], Sequence[Tensor]]  # images [batch, channels, height, width] -> one such batch per view


def views_of(settings: ImageClassificationSettings) -> Views | None:
    """Return the views that the settings ask for: an image and its mirror image, or None for the image alone."""
    return original_and_mirrored if settings.flip else None


def original_and_mirrored(images: Float[Tensor, "batch channels height width"]) -> tuple[Tensor, Tensor]:
    """Return a batch of images, and the same images flipped horizontally."""
    return images, images.flip(3)


def average_logits(
    network: Callable[[Tensor], Tensor], inputs: Tensor, views: Views | None
) -> Float[Tensor, "batch classes"]:
    """Return the mean of a network's logits over the views of each input, or those of the input itself."""
    if views is None:
        return network(inputs)
    return torch.stack([network(view) for view in views(inputs)]).mean(0)  # [views, batch, classes] -> [batch, classes]
