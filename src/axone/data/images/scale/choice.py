"""Choose the scale of a data set from the values of all of its images.

The order of the rules:

1. The range that the type of the values has by convention (floats: 0 to 1; or 0 to 255, 0 to 65,535), where the values
   fill it. The same image then gives the same bytes as floats, as bytes and with 16 bits.
2. Otherwise, the lowest and the highest value of the whole data set.
3. Values far away from all others (dead and hot pixels, -9999 for "no data") would leave few levels to the others. They
   are clipped: the scale reaches from the range of the other values, widened on both sides.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from axone.data.images.scale.sample import ValueSample
from axone.data.images.scale.scale import Kind, Scale

TOPS: dict[Kind, tuple[float, ...]] = {
    "byte": (255.0,),
    "uint16": (255.0, 65_535.0),
    "integer": (255.0, 65_535.0),
    "float": (1.0, 255.0, 65_535.0),
}
"""The ranges, from 0 to each of these values, in which images of a type are stored by convention."""

FILLED = 1 / 4  # fraction of a conventional range that most values must cover
FILLED_WITH_BYTES = 1 / 8  # the same where there are also images of 8 bits, with which they should agree
TAIL = 0.01  # fraction of the values at each end that may be outliers
WASTED = 8  # ratio of the whole range to that of most values above which outliers are clipped
FEW_LEVELS = 32  # different bytes: fewer are mentioned


def choose_scale(sample: ValueSample, has_bytes: bool = False) -> Scale:
    """Return the scale of a data set.

    Args:
        sample: The values of all images that have more than 8 bits.
        has_bytes: Whether there are images of 8 bits besides.
    """
    values, kind = sample.sorted_values(), sample.kind
    if not len(values):
        return Scale(0.0, TOPS[kind][-1] if kind != "float" else 1.0, kind, has_bytes)
    ordinary = _without_fill(values)
    bulk_low, bulk_high = _bulk(ordinary)
    width = bulk_high - bulk_low
    if has_bytes and sample.low == sample.high and 0 <= sample.low <= TOPS[kind][-1]:
        # A single value says nothing; the 16-bit type has a range of its own, however dark the image.
        tops = TOPS[kind][-1:] if kind == "uint16" else TOPS[kind]
        return Scale(0.0, next(top for top in tops if sample.high <= top), kind, has_bytes)
    for top in TOPS[kind]:
        fits = sample.low >= 0 and sample.high <= top
        fills = width >= FILLED * top and sample.high > top / 2
        if fits and (fills or (has_bytes and width >= FILLED_WITH_BYTES * top)):
            return Scale(0.0, top, kind, has_bytes)
    low, high = sample.low, sample.high
    if len(ordinary) < len(values):
        margin = (ordinary[-1] - ordinary[0]) / 254  # the value that is clipped differs from all others
        low = low if values[0] == ordinary[0] else float(ordinary[0] - margin)
        high = high if values[-1] == ordinary[-1] else float(ordinary[-1] + margin)
    if width > 0 and high - low > WASTED * width:
        low, high = max(low, bulk_low - width), min(high, bulk_high + width)
    if kind != "float":
        low, high = float(math.floor(low)), float(math.ceil(high))
    if not high > low:
        high = low + 1
    return Scale(low, high, kind, has_bytes)


def count_levels(scale: Scale, sample: ValueSample) -> int:
    """Return how many different bytes the values of a sample become."""
    return len(np.unique(scale.to_bytes(sample.sorted_values())))


def _bulk(values: Float64[np.ndarray, " values"]) -> tuple[float, float]:
    """Return the range of sorted values without the tails at both ends."""
    tail = int(TAIL * (len(values) - 1))
    return float(values[tail]), float(values[len(values) - 1 - tail])


def _without_fill(values: Float64[np.ndarray, " values"]) -> Float64[np.ndarray, " ordinary"]:
    """Return sorted values without a lowest or a highest one that stands for "no value"."""
    for mirrored in (False, True, False, True):  # each end may have two, such as -9999 and 0
        ascending = -values[::-1] if mirrored else values
        distinct = np.unique(ascending)
        # With few different values, none of them is a stand-in for missing ones: masks, drawings.
        if len(distinct) >= FEW_LEVELS // 2:
            gap, width = distinct[1] - distinct[0], distinct[-1] - distinct[1]
            if gap > WASTED / 2 * width:
                ascending = ascending[ascending > distinct[0]]
        values = -ascending[::-1] if mirrored else ascending
    return values
