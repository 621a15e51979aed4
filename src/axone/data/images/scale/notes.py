"""Sentences for people on the scale of their images, before training."""

from __future__ import annotations

from axone.data.images.scale.choice import FEW_LEVELS
from axone.data.images.scale.scale import Scale
from axone.messages import _, plural
from axone.numbers import format_number, format_percent

SMALLEST_SHARE = 0.0001  # which two digits of a percentage can show


def describe_scale(
    scale: Scale, levels: int | None, outside: float = 0.0, *, not_finite: int = 0, byte_images: int = 0
) -> list[str]:
    """Return sentences on the scale of a data set.

    Args:
        scale: The scale.
        levels: How many different bytes the values become; None: not known.
        outside: The fraction of the values that are clipped.
        not_finite: The number of values that are NaN or infinite.
        byte_images: The number of images of 8 bits, which are used as they are.
    """
    low, high = format_number(scale.low), format_number(scale.high)
    notes = [
        _("One scale for all images: values of {low} ... {high} become 0 ... 255 (--scale LOW:HIGH sets another).",
          low=low, high=high)
    ]  # fmt: skip
    if outside:
        notes.append(_("{share} of the pixels are outside this range, and are clipped.", share=format_share(outside)))
    if not_finite:
        notes.append(
            plural(
                "{count} pixel is NaN or infinite: NaN counts as {low}.",
                "{count} pixels are NaN or infinite: NaN counts as {low}.",
                not_finite,
                low=low,
            )
        )
    if levels is not None and levels < FEW_LEVELS:
        notes.append(
            plural(
                "Only {count} level remains after scaling.",
                "Only {count} levels remain after scaling.",
                levels,
            )
        )
    if byte_images:
        notes.append(
            plural(
                "{count} image has 8 bits, and is used as it is: check that its brightness agrees with the others.",
                "{count} images have 8 bits, and are used as they are: check that their brightness agrees with the "
                "others.",
                byte_images,
            )
        )
    return notes


def describe_bytes(low: int, high: int) -> list[str]:
    """Return a sentence where images of 8 bits, with values from `low` to `high`, have few of the 256 levels."""
    if high - low >= FEW_LEVELS:
        return []
    return [
        _("The values of these images (8 bits) are all between {low} and {high}, of 0 to 255: the contrast is low.",
          low=low, high=high)
    ]  # fmt: skip


def format_share(share: float) -> str:
    """Return a fraction above 0 as a percentage that is not 0."""
    return format_percent(share) if share >= SMALLEST_SHARE else "< " + format_percent(SMALLEST_SHARE)
