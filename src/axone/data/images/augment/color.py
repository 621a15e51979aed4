"""Change the colors of a batch of images: one matrix per image holds all its changes.

Brightness, contrast, saturation, hue, the order of the channels and their inversion are affine maps of the channels
of a pixel. Their product is one small matrix per image, so the batch is read once. Images may have any number of
channels; saturation and hue apply to three channels only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.augment.base import Change, Floats

LUMA = (0.299, 0.587, 0.114)  # brightness of red, green and blue (ITU-R BT.601)
YIQ = (LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))  # luma, and the plane of hues of NTSC television

Maps = Float[Tensor, "batch rows rows"]  # in homogeneous coordinates: the channels and a 1


@dataclass(frozen=True)
class Color:
    """How much colors change. Each amount is uniform in its range, and drawn for each image.

    Args:
        saturation: 0.4: the distance from gray is multiplied by 0.6 to 1.4.
        hue: The largest rotation of the color wheel, in degrees, in both directions.
        contrast: 0.3: the distance from the mean brightness is multiplied by 0.7 to 1.3.
        brightness: 0.3: the brightness is multiplied by 0.7 to 1.3.
        channel_shuffle: The probability that the channels of an image are permuted.
        inversion: The probability that a channel is inverted, for each channel independently.
    """

    saturation: float = 0.0
    hue: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    channel_shuffle: float = 0.0
    inversion: float = 0.0


def jitter_color(ranges: Color) -> Change:
    """Return the change that draws a color map for each image and applies all of them in one product."""

    def change(pixels: Floats, generator: torch.Generator) -> Floats:
        channels = pixels.shape[1]
        means = pixels.mean((2, 3)).to(generator.device) if ranges.contrast else None
        maps = draw_color_maps(ranges, len(pixels), channels, generator, means).to(pixels.device)
        return torch.baddbmm(maps[:, :-1, -1:], maps[:, :-1, :-1], pixels.flatten(2)).view_as(pixels)

    return change


def draw_color_maps(
    ranges: Color,
    batch: int,
    channels: int,
    generator: torch.Generator,
    means: Float[Tensor, "batch channels"] | None = None,
) -> Maps:
    """Draw the map of each image: saturation, hue, contrast, brightness, order of the channels, inversion.

    Args:
        ranges: How much each of them changes.
        batch: The number of images.
        channels: The number of channels, whose values count from 0 to 255.
        generator: The source of the draws; the maps are on its device.
        means: The mean of each channel of each image, which contrast needs.
    """
    device = generator.device
    uniform = torch.rand(5, batch, generator=generator, device=device)
    order, inverted = torch.rand(2, batch, channels, generator=generator, device=device)
    signed = 2 * uniform - 1
    maps = torch.eye(channels + 1, device=device).repeat(batch, 1, 1)
    if ranges.saturation and channels == 3:
        maps = scale_saturation(1 + ranges.saturation * signed[0]) @ maps
    if ranges.hue and channels == 3:
        maps = rotate_hue(ranges.hue * signed[1]) @ maps
    if ranges.contrast and means is not None:
        mapped = (maps[:, :-1, :-1] @ means[:, :, None] + maps[:, :-1, -1:]).squeeze(2)  # [batch, channels]
        brightness = mapped @ torch.tensor(LUMA, device=device) if channels == 3 else mapped.mean(1)
        factor = 1 + ranges.contrast * signed[2]
        maps = scale_channels(factor, (1 - factor) * brightness, channels) @ maps
    if ranges.brightness:
        maps = scale_channels(1 + ranges.brightness * signed[3], torch.zeros_like(signed[3]), channels) @ maps
    if ranges.channel_shuffle:
        shuffled = (uniform[4] < ranges.channel_shuffle)[:, None]
        source = torch.where(shuffled, order.argsort(1), torch.arange(channels, device=device))
        maps = torch.cat([maps.gather(1, source[:, :, None].expand(-1, -1, channels + 1)), maps[:, -1:]], 1)
    if ranges.inversion:
        negative = (inverted < ranges.inversion).float()
        maps[:, :-1] *= (1 - 2 * negative)[:, :, None]
        maps[:, :-1, -1] += 255 * negative
    return maps


def scale_channels(factor: Float[Tensor, " batch"], summand: Float[Tensor, " batch"], channels: int) -> Maps:
    """Return the maps that multiply all channels by a factor and add a summand."""
    maps = torch.eye(channels + 1, device=factor.device) * factor[:, None, None]
    maps[:, :-1, -1] = summand[:, None]
    maps[:, -1, -1] = 1
    return maps


def scale_saturation(factor: Float[Tensor, " batch"]) -> Float[Tensor, "batch 4 4"]:
    """Return the maps that multiply the distance of a color from the gray of the same brightness."""
    gray = _append_one(torch.tensor(LUMA).expand(3, 3)).to(factor.device)
    return torch.lerp(gray, torch.eye(4, device=factor.device), factor[:, None, None])


def rotate_hue(angle: Float[Tensor, " batch"]) -> Float[Tensor, "batch 4 4"]:
    """Return the maps that rotate the plane of hues by angles in degrees; grays and brightness do not change."""
    constant, cosine, sine = (part.to(angle.device) for part in _decompose_hue_rotation())
    radians = angle.deg2rad()[:, None, None]
    return constant + cosine * radians.cos() + sine * radians.sin()


@lru_cache(maxsize=1)
def _decompose_hue_rotation() -> tuple[Float[Tensor, "4 4"], Float[Tensor, "4 4"], Float[Tensor, "4 4"]]:
    """Return the parts of a rotation of the hues that are constant, multiply its cosine, and multiply its sine."""
    to_yiq = torch.tensor(YIQ, dtype=torch.float64)
    from_yiq = torch.linalg.inv(to_yiq)
    luma, plane, quarter_turn = torch.zeros(3, 3, 3, dtype=torch.float64)
    luma[0, 0] = plane[1, 1] = plane[2, 2] = quarter_turn[1, 2] = 1
    quarter_turn[2, 1] = -1  # from red over yellow to green, as on the color wheel
    parts = [(from_yiq @ part @ to_yiq).float() for part in (luma, plane, quarter_turn)]
    return _append_one(parts[0]), _append_one(parts[1], 0.0), _append_one(parts[2], 0.0)


def _append_one(matrix: Float[Tensor, "3 3"], corner: float = 1.0) -> Float[Tensor, "4 4"]:
    """Return a matrix in homogeneous coordinates."""
    extended = torch.zeros(4, 4)
    extended[:3, :3], extended[3, 3] = matrix, corner
    return extended
