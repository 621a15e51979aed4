"""Apply a network to an image of any size, tile by tile, without visible seams.

Outputs near a tile's edge lack context. Tiles overlap, and in the overlap their outputs are blended: the weight of a
tile rises smoothly from 0 to 1, and the outermost quarter of the overlap comes from the other tile alone.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

TILE, OVERLAP = 256, 64  # pixels; seams stay invisible if the receptive radius is at most a quarter of the overlap
MULTIPLE = 16  # tiles start at multiples of it, so that a network with up to four halvings sees the same grid in each

Image = Float[Tensor, "channels height width"]


def apply_tiled(
    function: Callable[[Image], Image],
    image: Image,
    tile: int = TILE,
    overlap: int = OVERLAP,
    multiple: int = MULTIPLE,
) -> Image:
    """Apply a function to overlapping tiles of an image and blend the results. A small image is a single tile.

    Args:
        function: Maps an image to an image of the same size.
        image: An image of any size.
        tile: The side of a tile in pixels; the last one of a row or column is up to `multiple` - 1 longer.
        overlap: The minimum overlap of neighboring tiles in pixels.
        multiple: Tiles start at multiples of this.

    Raises:
        ValueError: The overlap is not positive, or leaves no step from one tile to the next.
    """
    if not 0 < overlap <= tile - multiple:
        raise ValueError(f"tiles of {tile} pixels cannot overlap by {overlap} and start at multiples of {multiple}")
    total, weight = torch.zeros_like(image), torch.zeros_like(image[0])
    rows, columns = (tile_spans(length, tile, overlap, multiple) for length in image.shape[1:])
    for vertical in rows:
        row_weights = tile_weights(vertical, overlap, image.shape[1]).to(image.device)
        for horizontal in columns:
            column_weights = tile_weights(horizontal, overlap, image.shape[2]).to(image.device)
            weights = row_weights[:, None] * column_weights
            total[:, vertical, horizontal] += weights * function(image[:, vertical, horizontal])
            weight[vertical, horizontal] += weights
    return total / weight


def tile_spans(length: int, tile: int, overlap: int, multiple: int) -> list[slice]:
    """Return the tiles along one side: all have the same length, except the last, which can be longer."""
    last = max(0, length - tile) // multiple * multiple
    step = (tile - overlap) // multiple * multiple
    return [*(slice(start, start + tile) for start in range(0, last, step)), slice(last, length)]


def tile_weights(span: slice, overlap: int, length: int) -> Float[Tensor, " tile"]:
    """Return the weights of the pixels along one side of a tile: lower towards neighbors, not at the image's border."""
    position = torch.arange(span.stop - span.start) + 0.5
    margin = overlap / 4
    rise = ((position - margin) / (overlap - 2 * margin)).clamp(0, 1)
    rise = rise.square() * (3 - 2 * rise)  # smoothstep
    return (rise if span.start > 0 else 1.0) * (rise.flip(0) if span.stop < length else torch.ones_like(rise))
