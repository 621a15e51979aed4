"""The pixel values of a data set, summarized in one pass: their exact range, and a sample that gives the scale."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64, Num

from axone.data.images.scale.scale import Kind, kind_of

SAMPLE_VALUES = 2_000_000  # of a data set
MOST_OF_AN_IMAGE, FEWEST_OF_AN_IMAGE = 4096, 16


@dataclass
class ValueSample:
    """What is known of the values of a data set; `add` adds those of an image.

    Args:
        per_image: The largest number of values that the sample keeps of one call of `add`.
        low: The lowest finite value.
        high: The highest finite value.
        count: The number of values.
        not_finite: The number of those that are NaN or infinite.
        kinds: The types of the values.
        parts: The sample.
    """

    per_image: int = SAMPLE_VALUES
    low: float = math.inf
    high: float = -math.inf
    count: int = 0
    not_finite: int = 0
    kinds: set[Kind] = field(default_factory=set)
    parts: list[Float64[np.ndarray, " values"]] = field(default_factory=list)

    @classmethod
    def for_images(cls, images: int) -> ValueSample:
        """Return an empty sample for a number of images."""
        return cls(min(MOST_OF_AN_IMAGE, max(FEWEST_OF_AN_IMAGE, SAMPLE_VALUES // max(1, images))))

    def add(self, values: Num[np.ndarray, ...]) -> None:
        """Add the values of an image, or of many."""
        flat = values.reshape(-1)
        self.kinds.add(kind_of(values))
        self.count += flat.size
        if flat.dtype.kind == "f":
            finite = np.isfinite(flat)
            if not finite.all():
                flat = flat[finite]
                self.not_finite += int(finite.size - flat.size)
        if not flat.size:
            return
        self.low, self.high = min(self.low, float(flat.min())), max(self.high, float(flat.max()))
        self.parts.append(flat[:: _step(flat.size, self.per_image, values.shape)].astype(np.float64))

    def merge(self, other: ValueSample) -> None:
        """Add what another sample knows."""
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.count += other.count
        self.not_finite += other.not_finite
        self.kinds |= other.kinds
        self.parts += other.parts

    @property
    def kind(self) -> Kind:
        """The type of all values; of several types, the one that contains the others."""
        return next(kind for kind in ("float", "integer", "uint16", "byte") if kind in {*self.kinds, "byte"})

    def sorted_values(self) -> Float64[np.ndarray, " values"]:
        """Return the sample in ascending order."""
        return np.sort(np.concatenate([np.zeros(0), *self.parts]))


def _step(size: int, limit: int, shape: tuple[int, ...]) -> int:
    """Return a step through flattened images that keeps at most `limit` values and meets every column."""
    step = max(1, math.ceil(size / limit))
    while step > 1 and any(math.gcd(step, length) > 1 for length in shape[-3:]):
        step += 1
    return step
