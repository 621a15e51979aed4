"""The height, the width and the number of channels of the images in a cache, from the headers of a sample of them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from axone.data.images.decode.file import Header, ImageError, read_header
from axone.data.images.decode.fit import Size
from axone.data.images.folders.listing import Listing

SMALLEST_SIDE, LARGEST_SIDE = 8, 224  # of the images, when the user sets no size
SAMPLE = 2000  # images whose headers suggest the size


def sample_headers(listing: Listing) -> list[Header]:
    """Return the headers of a sample of the files, without those that are not images."""
    count = len(listing.files)
    chosen = np.unique(np.linspace(0, max(count - 1, 0), min(count, SAMPLE)).round().astype(int)).tolist()

    def header(row: int) -> Header | None:
        try:
            return read_header(listing.root / listing.files[row].name)
        except ImageError:
            return None  # it is reported when it is decoded

    with ThreadPoolExecutor(8) as pool:
        return [each for each in pool.map(header, chosen) if each]


def infer_shape(headers: Sequence[Header], size: Size | int | None, channels: int | None) -> tuple[int, int, int]:
    """Return height, width and channels: what was set, else those of a sample, whose 1 channel may be wrong."""
    return *(as_pair(size) if size else _infer_size(headers)), channels or max(
        (each.channels for each in headers), default=1
    )


def _infer_size(headers: Sequence[Header]) -> Size:
    """Return height and width for images with these headers.

    Images of one size, with sides from 8 to 224, are kept as they are. Others become squares, whose side is the median
    of the shorter sides, within these limits.
    """
    sizes = {(each.height, each.width) for each in headers}
    if len(sizes) == 1:
        (size,) = sizes
        if min(size) >= SMALLEST_SIDE and max(size) <= LARGEST_SIDE:
            return size
    median = round(statistics.median([min(each.height, each.width) for each in headers] or [SMALLEST_SIDE]))
    return (min(max(median, SMALLEST_SIDE), LARGEST_SIDE),) * 2


def as_pair(size: Size | int) -> Size:
    """Return height and width."""
    return size if isinstance(size, tuple) else (size, size)
