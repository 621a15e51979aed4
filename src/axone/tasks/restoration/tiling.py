"""Let a network work on pictures of any size, tile by tile, without seams.

Near its border a network sees less than it was used to, so what it says there counts little: from one tile to the next
the weight moves over smoothly, and the outermost quarter of what two tiles share comes from the other tile alone.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

TILE, OVERLAP = 256, 64  # pixels; a network that sees farther than a quarter of the overlap leaves faint differences
MULTIPLE = 16  # of which places tiles begin at: a network that halves its maps four times sees the same grid in each

Figure = Float[Tensor, "channels height width"]


def tiled(
    work: Callable[[Figure], Figure],
    picture: Figure,
    tile: int = TILE,
    overlap: int = OVERLAP,
    multiple: int = MULTIPLE,
) -> Figure:
    """Return what `work` makes of a picture, of the same size, computed on tiles that overlap by `overlap` at least.

    A picture no larger than a tile is worked on whole.
    """
    if not 0 < overlap <= tile - multiple:
        raise ValueError(f"tiles of {tile} pixels cannot overlap by {overlap} and begin at multiples of {multiple}")
    total, weight = torch.zeros_like(picture), torch.zeros_like(picture[0])
    rows, columns = (spans(length, tile, overlap, multiple) for length in picture.shape[1:])
    for vertical in rows:
        down = shares(vertical, overlap, picture.shape[1]).to(picture.device)
        for horizontal in columns:
            counted = down[:, None] * shares(horizontal, overlap, picture.shape[2]).to(picture.device)
            total[:, vertical, horizontal] += counted * work(picture[:, vertical, horizontal])
            weight[vertical, horizontal] += counted
    return total / weight


def spans(length: int, tile: int, overlap: int, multiple: int) -> list[slice]:
    """Return the tiles of a line: all of one length, but for the last, which takes up to `multiple` - 1 more."""
    last = max(0, length - tile) // multiple * multiple
    step = (tile - overlap) // multiple * multiple
    return [*(slice(start, start + tile) for start in range(0, last, step)), slice(last, length)]


def shares(span: slice, overlap: int, length: int) -> Float[Tensor, " tile"]:
    """Return what the pixels of a line of a tile count: less towards its neighbors, all at the picture's border."""
    place = torch.arange(span.stop - span.start) + 0.5
    margin = overlap / 4
    rise = ((place - margin) / (overlap - 2 * margin)).clamp(0, 1)
    rise = rise.square() * (3 - 2 * rise)  # smooth at both ends
    return (rise if span.start > 0 else 1.0) * (rise.flip(0) if span.stop < length else torch.ones_like(rise))
