"""Bring the values of one image to the scale of a run, also where they have another type than those of the training.

The same image may be stored as bytes, with 16 bits, and as floats from 0 to 1: 255, 65,535 and 1 are then the same
white. Values in physical units (temperatures, counts) are compared as they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Num, UInt8

from axone.data.images.scale.choice import TOPS
from axone.data.images.scale.notes import format_share
from axone.data.images.scale.scale import Kind, Scale, kind_of
from axone.errors import DataError
from axone.messages import _
from axone.numbers import format_number

# Floats within these bounds are fractions of white, of which a few may be below 0 and above 1.
UNIT_LOWEST, UNIT_HIGHEST = -0.25, 2.0
BYTE, WORD = 255.0, 65_535.0  # white with 8 and with 16 bits


class UnitError(DataError):
    """An image of 8 bits has no unit in which it could be compared with the images of a run."""


class Scaling(NamedTuple):
    """How the values of one image became bytes.

    Args:
        scale: The scale; None: they were bytes, and are unchanged.
        outside: The fraction of the values that the scale clipped.
        is_converted: Whether the values have another type and unit than those of the training.
    """

    scale: Scale | None = None
    outside: float = 0.0
    is_converted: bool = False

    def note(self, trained: Scale | None) -> str:
        """Return a note for people; empty where nothing was lost or assumed.

        Args:
            trained: The scale of the run; None for a run trained on images of 8 bits.
        """
        if self.scale is None:
            return ""
        low, high = format_number(self.scale.low), format_number(self.scale.high)
        notes = []
        if trained is None and self.scale.high > BYTE:
            notes.append(
                _("values of {low} ... {high} were scaled to 0 ... 255: the training images have 8 bits",
                  low=low, high=high)
            )  # fmt: skip
        elif self.is_converted:
            notes.append(
                _("its type differs from that of the training images: white is taken as the highest value of each type")
            )
        if self.outside:
            notes.append(
                _("{share} of the pixels were clipped: their values are outside {low} ... {high}",
                  share=format_share(self.outside), low=low, high=high)
            )  # fmt: skip
        return "; ".join(notes)


def scale_like_training(
    values: Num[np.ndarray, "*shape"], scale: Scale | None
) -> tuple[UInt8[np.ndarray, "*shape"], Scaling]:
    """Scale one image as the images of a run were.

    Args:
        values: The values, in their own type.
        scale: The scale of the run; None for a run trained on images of 8 bits.

    Raises:
        UnitError: Bytes, where the scale of the run is in units that have no byte.
    """
    used = match_scale(values, scale)
    if used is None:
        return values, Scaling()
    return used.to_bytes(values), measure_scaling(values, used, scale)


def measure_scaling(values: Num[np.ndarray, ...], used: Scale, scale: Scale | None) -> Scaling:
    """Return how the values of an image become bytes by `used`, which `match_scale` returned for `scale`."""
    return Scaling(used, used.share_outside(values), scale is not None and used.high != scale.high)


def match_scale(values: Num[np.ndarray, ...], scale: Scale | None) -> Scale | None:
    """Return the scale of a run in the units of the values of an image; None: bytes, which are used as they are.

    Arguments and errors are those of `scale_like_training`.
    """
    kind = kind_of(values)
    if scale is None:
        return None if kind == "byte" else _scale_of_type(values, kind)
    white = _white_of_image(values, kind, scale)
    if white is None:
        return None
    return replace(scale, low=scale.low * white, high=scale.high * white)


def _scale_of_type(values: Num[np.ndarray, ...], kind: Kind) -> Scale:
    """Return the range that the type of an image's values has by convention.

    Signed and larger integers, and floats above 2, count as bytes or as 16-bit values, whichever they fit.
    """
    finite = values[np.isfinite(values)] if kind == "float" else values
    highest = float(finite.max()) if finite.size else 0.0
    if kind == "uint16":
        return Scale(0.0, WORD, kind)
    if kind == "float" and highest <= UNIT_HIGHEST:
        return Scale(0.0, 1.0, kind)
    return Scale(0.0, BYTE if highest <= BYTE else WORD, kind)


def _white_of_image(values: Num[np.ndarray, ...], kind: Kind, scale: Scale) -> float | None:
    """Return the number by which a value of the scale becomes a value of the image; None: bytes used as they are."""
    scale_is_of_white = scale.kind == "float" and scale.low >= UNIT_LOWEST and scale.high <= UNIT_HIGHEST
    if kind == "byte":
        if scale.has_bytes or (scale.low == 0 and scale.high in TOPS[scale.kind]):
            return None
        if scale.kind == "uint16" and scale.high > BYTE:
            return BYTE / WORD
        if not scale_is_of_white and not (scale.low >= 0 and scale.high <= BYTE):
            raise UnitError(
                _("An image of 8 bits cannot be compared with the images of the training, whose values are "
                  "{low} ... {high}.", low=format_number(scale.low), high=format_number(scale.high)),
                expected=_("expected an image with values in that unit"),
            )  # fmt: skip
        return BYTE if scale_is_of_white else 1.0
    if kind == scale.kind or not values.size:
        return 1.0
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if scale_is_of_white and kind == "uint16" and high > 1:
        return WORD
    if scale_is_of_white and kind == "integer" and low >= 0 and 1 < high <= BYTE:
        return BYTE
    if scale.kind == "uint16" and kind == "float" and low >= 0 and high <= 1:
        return 1 / WORD
    return 1.0
