"""Self-ensemble: the mean of a network's results for mirrored and transposed views of an image.

The errors of a network differ between views, so that the mean has smaller ones. Source: Timofte, Rothe, Van Gool 2016,
"Seven ways to improve example-based single image super resolution" (arXiv:1511.02228), enhanced prediction.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.restoration.collection import MIRROR_COLUMNS, MIRROR_ROWS, SYMMETRIES, TRANSPOSE

# Symmetries of a square as bits, as in an ImageCollection. The first 2, 4 and 8 are balanced: together they are
# invariant under mirroring.
VIEWS = (0, MIRROR_COLUMNS | MIRROR_ROWS, MIRROR_COLUMNS, MIRROR_ROWS, *range(TRANSPOSE, SYMMETRIES))

Images = Float[Tensor, "*batch channels height width"]
View = Float[Tensor, "*batch channels rows columns"]


def transform(images: Images, view: int) -> View:
    """Return images as they appear in a view."""
    if view & MIRROR_COLUMNS:
        images = images.flip(-1)
    if view & MIRROR_ROWS:
        images = images.flip(-2)
    return images.mT if view & TRANSPOSE else images


def invert(images: View, view: int) -> Images:
    """Return the images whose `transform` these are."""
    if view & TRANSPOSE:
        images = images.mT
    if view & MIRROR_ROWS:
        images = images.flip(-2)
    return images.flip(-1) if view & MIRROR_COLUMNS else images


def average_views(restore: Callable[[Tensor], Tensor], images: Images, count: int) -> Images:
    """Return the mean of the results of `restore` for the first `count` views, each transformed back."""
    if count == 1:
        return restore(images)
    results = [invert(restore(transform(images, view).contiguous()), view) for view in VIEWS[:count]]
    return torch.stack(results).mean(0)
