"""Presets of augmentation: named sets of ranges, and the step that each of them makes.

`affine` mirrors nothing, and so suits images whose left and right differ. `light` suits most images. `course` is what
an introduction to deep learning names: rotation, vertical and horizontal flips, distortion and inverted color channels,
drawn anew in each epoch. `strong` uses everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from axone.data.images.augment.base import apply_as_floats, compose
from axone.data.images.augment.blur_noise import BlurNoise, degrade
from axone.data.images.augment.color import Color, jitter_color
from axone.data.images.augment.erasing import Erasing, erase_rectangle
from axone.data.images.augment.geometry import Border, Geometry, warp
from axone.data.images.stream import Augment


@dataclass(frozen=True)
class Preset:
    """The ranges of all changes; their fields say what the numbers mean."""

    geometry: Geometry = field(default_factory=Geometry)
    color: Color = field(default_factory=Color)
    blur_noise: BlurNoise = field(default_factory=BlurNoise)
    erasing: Erasing = field(default_factory=Erasing)


PRESETS: dict[str, Preset] = {
    "none": Preset(),
    "affine": Preset(
        Geometry(rotation=10.0, translation=0.08, scale=0.1),
    ),
    "light": Preset(
        Geometry(rotation=8.0, flip_left_right=0.5, translation=0.06, scale=0.06),
    ),
    "course": Preset(
        Geometry(rotation=20.0, flip_left_right=0.5, flip_up_down=0.5, perspective=0.1, elastic=0.04),
        Color(inversion=0.25),
    ),
    "strong": Preset(
        Geometry(
            rotation=30.0,
            flip_left_right=0.5,
            flip_up_down=0.5,
            translation=0.1,
            scale=0.25,
            shear=10.0,
            perspective=0.2,
            elastic=0.06,
        ),
        Color(saturation=0.5, hue=30.0, contrast=0.3, brightness=0.3, channel_shuffle=0.25, inversion=0.25),
        BlurNoise(blur_probability=0.2, max_blur=0.02, noise_probability=0.25, max_noise=0.1),
        Erasing(probability=0.25),
    ),
}


def build_augmentation(preset: Preset, *, border: Border = "zeros", flips: bool = True) -> Augment | None:
    """Return the step of a preset, or None when it changes nothing.

    Args:
        preset: The ranges.
        border: What comes in from outside the image.
        flips: False leaves out both flips, for images whose mirror image has another class, or none.
    """
    geometry = replace(preset.geometry, border=border)
    if not flips:
        geometry = replace(geometry, flip_left_right=0.0, flip_up_down=0.0)
    changes = []
    if geometry != Geometry(border=border):
        changes.append(warp(geometry))
    if preset.color != Color():
        changes.append(jitter_color(preset.color))
    if preset.blur_noise.blur_probability or preset.blur_noise.noise_probability:
        changes.append(degrade(preset.blur_noise))
    steps = [apply_as_floats(*changes)] if changes else []
    if preset.erasing.probability:
        steps.append(erase_rectangle(preset.erasing))
    return compose(*steps) if steps else None
