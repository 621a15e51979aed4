"""The scale of a data set: the two values between which pixels of more than 8 bits become bytes.

A run keeps its scale in its facts, so that a single image is scaled as the images of the training were, and never by
its own brightest pixel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Num, UInt8

Kind = Literal["byte", "uint16", "integer", "float"]
"""Types of pixel values: unsigned bytes, unsigned 16-bit integers, all other integers, floats."""

ScaleChoice = Literal["auto", "type"]
"""How a scale is chosen: "auto" from the values of the data set, "type" for each image by the type of its values."""


@dataclass(frozen=True)
class Scale:
    """The range of pixel values that is mapped linearly to the bytes 0 ... 255.

    Args:
        low: The value that becomes 0; lower ones are clipped.
        high: The value that becomes 255; higher ones are clipped.
        kind: The type of the values from which the scale was found.
        has_bytes: Whether the data set also contains images of 8 bits, which are used as they are.
    """

    low: float | int
    high: float | int
    kind: Kind = "float"
    has_bytes: bool = False

    def to_bytes(self, values: Num[np.ndarray, ...]) -> UInt8[np.ndarray, ...]:
        """Return values as bytes: round((value - low) * 255 / (high - low)), clipped; 0 for NaN."""
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = np.rint((values.astype(np.float64) - self.low) * (255.0 / (self.high - self.low)))
        return np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0).clip(0, 255).astype(np.uint8)

    def to_unit(self, values: Num[np.ndarray, ...]) -> Num[np.ndarray, ...]:
        """Return values as float32 from 0 (low) to 1 (high), clipped; 0 for NaN."""
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = (values.astype(np.float64) - self.low) / (self.high - self.low)
        return np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1).astype(np.float32)

    def from_unit(self, values: Num[np.ndarray, ...]) -> Num[np.ndarray, ...]:
        """Return the values that `to_unit` maps to numbers from 0 to 1, as float64."""
        return self.low + values.astype(np.float64) * (self.high - self.low)

    def share_outside(self, values: Num[np.ndarray, ...]) -> float:
        """Return the fraction of values that are clipped, or are no numbers (NaN)."""
        # Bounds in double precision: a float32 that is read back must not lie outside because of rounding.
        values = values.astype(np.float64, copy=False)
        return float(1 - np.mean((values >= self.low) & (values <= self.high))) if values.size else 0.0

    def to_facts(self) -> dict[str, Any]:
        """Return the scale as the facts of a run keep it."""
        return asdict(self)


def read_scale(saved: Mapping[str, Any] | None) -> Scale | None:
    """Return the scale that `Scale.to_facts` saved; None where there is none: all images had 8 bits."""
    return None if saved is None else Scale(**saved)


def parse_scale(text: str) -> Scale | None:
    """Return the scale of the setting `scale`, a valid "LOW:HIGH"; None where it is empty.

    Images of 8 bits are used as they are, if there are any.
    """
    if not text:
        return None
    low, high = (float(part) for part in text.split(":"))
    return Scale(low, high, has_bytes=True)


def kind_of(values: Num[np.ndarray, ...]) -> Kind:
    """Return the type of pixel values."""
    if values.dtype == np.uint8:
        return "byte"
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        return "uint16"
    return "float" if values.dtype.kind == "f" else "integer"
