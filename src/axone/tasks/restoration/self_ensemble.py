"""One picture seen in several ways, turned and mirrored, and the mean of what a network says of each.

A network errs a little differently on each view; the mean errs less. Source: Timofte, Rothe, Van Gool 2016, "Seven
ways to improve example-based single image super resolution" (arXiv:1511.02228), enhanced prediction.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.collection import MIRROR_COLUMNS, MIRROR_ROWS, SYMMETRIES, TRANSPOSE

# Bits, as a gallery's turns have them. The first two, four and eight lean to no side.
VIEWS = (0, MIRROR_COLUMNS | MIRROR_ROWS, MIRROR_COLUMNS, MIRROR_ROWS, *range(TRANSPOSE, SYMMETRIES))

Figure = Float[Tensor, "channels height width"]
Turned = Float[Tensor, "channels rows columns"]


def turned(picture: Figure, view: int) -> Turned:
    """Return a picture as it looks in a view."""
    if view & MIRROR_COLUMNS:
        picture = picture.flip(2)
    if view & MIRROR_ROWS:
        picture = picture.flip(1)
    return picture.mT if view & TRANSPOSE else picture


def unturned(picture: Turned, view: int) -> Figure:
    """Return the picture that `turned` made this of."""
    if view & TRANSPOSE:
        picture = picture.mT
    if view & MIRROR_ROWS:
        picture = picture.flip(1)
    return picture.flip(2) if view & MIRROR_COLUMNS else picture


def seen(work: Callable[[Tensor], Tensor], picture: Figure, count: int) -> Figure:
    """Return the mean of what `work` makes of the first `count` views of a picture."""
    if count == 1:
        return work(picture)
    found = [unturned(work(turned(picture, view).contiguous()), view) for view in VIEWS[:count]]
    return torch.stack(found).mean(0)
