"""The size of a published architecture for given images: its stem, its width multiplier, the side of the images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from axone.engine.context import BuildContext
from axone.errors import SettingsError
from axone.messages import _
from axone.tasks.classification.backbones.settings import BackboneSettings
from axone.tasks.images import defaults
from axone.tasks.images.completion import complete_settings

SomeBackboneSettings = TypeVar("SomeBackboneSettings", bound=BackboneSettings)

SMALL = 64  # pixels; the published stems would downsample smaller images too far
EXAMPLE_FACTS = {"input": [1, 28, 28], "classes": [str(number) for number in range(10)]}


@dataclass(frozen=True)
class Size:
    """The stem of a network and its width multiplier."""

    small: bool
    width: float

    def channels(self, published: int) -> int:
        """Return the number of channels of a layer from the published one."""
        return round_channels(published * self.width)


def choose_size(
    settings: BackboneSettings,
    facts: Mapping[str, Any],
    *,
    small_width: float,
    min_sides: Mapping[str, int] | None = None,
) -> Size:
    """Choose the stem and the width of a network for the images of a run.

    Args:
        settings: `stem`, `width` and `weights`.
        facts: `input` is [channels, height, width].
        small_width: The width multiplier with the stem for small images, where the settings leave it open.
        min_sides: The smallest side in pixels for each stem, where a network has one.

    Raises SettingsError for images that are too small.
    """
    _channels, height, width = facts["input"]
    stem: str = settings.stem
    if stem == "auto":  # published weights belong to the published stem
        stem = "small" if min(height, width) < SMALL and not settings.weights else "imagenet"
    if min_sides and min(height, width) < min_sides[stem]:
        side, smallest = min_sides[stem], min_sides["small"]
        raise SettingsError(
            _("Images of {height}x{width} pixels are too small for this network.", height=height, width=width),
            expected=_("expected at least {side}x{side} pixels with --stem {stem}", side=side, stem=stem),
            hint=_("type --image-size {side} to enlarge them, or larger", side=side)
            if stem == "small"
            else _("type --image-size {side}, or --stem small (at least {small}x{small})", side=side, small=smallest),
        )
    return Size(stem == "small", settings.width or (small_width if stem == "small" else 1.0))


def round_channels(channels: int | float, divisor: int = 8) -> int:
    """Round to the nearest positive multiple that is at least 90 % of the number, as MobileNet's code does."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded if rounded >= 0.9 * channels else rounded + divisor


def complete(settings: SomeBackboneSettings, context: BuildContext) -> SomeBackboneSettings:
    """Choose image size, epochs, batch size and augmentation by the images, where the settings leave them open.

    Larger images are resized so far that the network has its small form, unless weights, stem or width are set.
    """
    if settings.weights:
        return complete_settings(
            settings, context, steps=defaults.FINE_TUNING_STEPS, largest_side=defaults.FINE_TUNING_SIDE
        )
    is_open = not settings.model_fields_set & {"stem", "width"}
    return complete_settings(
        settings, context, largest_side=defaults.SMALL_NETWORK_SIDE if is_open else defaults.LARGEST_SIDE
    )
