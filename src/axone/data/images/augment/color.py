"""Change the colors of a batch of pictures: each picture has one matrix that holds all its changes.

Brightness, contrast, saturation, hue, the order of the channels and their inversion are all affine maps of a pixel's
channels, so their product is one small matrix a picture, and the batch is passed over once. Pictures of any number of
channels are taken; saturation and hue mean something for three only, and leave others alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.augment.base import Change, Floats

LUMA = (0.299, 0.587, 0.114)  # how bright red, green and blue look (ITU-R BT.601)
YIQ = (LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))  # luma, and the plane of hues of NTSC television

Maps = Float[Tensor, "batch rows rows"]  # rows: channels and a 1, so that a product of maps is a map


@dataclass(frozen=True)
class Color:
    """How much colors are changed. Each is drawn evenly from its range, afresh for each picture."""

    saturation: float = 0.0  # 0.4: from 0.6 to 1.4 times as far from gray
    hue: float = 0.0  # degrees of the circle of hues, either way
    contrast: float = 0.0  # 0.3: from 0.7 to 1.3 times as far from the picture's mean
    brightness: float = 0.0  # 0.3: from 0.7 to 1.3 times as bright
    channel_shuffle: float = 0.0  # share of the pictures whose channels change places
    inversion: float = 0.0  # share of the channels that become their negative, each channel by itself


def jitter_color(ranges: Color) -> Change:
    """Return the change that draws a color map for each picture and passes over the batch once."""

    def change(pixels: Floats, generator: torch.Generator) -> Floats:
        channels = pixels.shape[1]
        means = pixels.mean((2, 3)).cpu() if ranges.contrast else None
        maps = color_maps(ranges, len(pixels), channels, generator, means).to(pixels.device)
        return torch.baddbmm(maps[:, :-1, -1:], maps[:, :-1, :-1], pixels.flatten(2)).view_as(pixels)

    return change


def color_maps(
    ranges: Color,
    batch: int,
    channels: int,
    generator: torch.Generator,
    means: Float[Tensor, "batch channels"] | None = None,
) -> Maps:
    """Draw the map of each picture: saturation, hue, contrast, brightness, order of the channels, inversion.

    `means` are those of the pictures' channels, needed for contrast. Channels are counted from 0 to 255.
    """
    chance = torch.rand(5, batch, generator=generator)
    order, inverted = torch.rand(2, batch, channels, generator=generator)
    either_way = 2 * chance - 1
    maps = torch.eye(channels + 1).repeat(batch, 1, 1)
    if ranges.saturation and channels == 3:
        maps = scale_saturation(1 + ranges.saturation * either_way[0]) @ maps
    if ranges.hue and channels == 3:
        maps = rotate_hue(ranges.hue * either_way[1]) @ maps
    if ranges.contrast and means is not None:
        seen = (maps[:, :-1, :-1] @ means[:, :, None] + maps[:, :-1, -1:]).squeeze(2)
        brightness = seen @ torch.tensor(LUMA) if channels == 3 else seen.mean(1)
        factor = 1 + ranges.contrast * either_way[2]
        maps = scale_channels(factor, (1 - factor) * brightness, channels) @ maps
    if ranges.brightness:
        maps = scale_channels(1 + ranges.brightness * either_way[3], torch.zeros(batch), channels) @ maps
    if ranges.channel_shuffle:
        moved = torch.where((chance[4] < ranges.channel_shuffle)[:, None], order.argsort(1), torch.arange(channels))
        maps = torch.cat([maps.gather(1, moved[:, :, None].expand(-1, -1, channels + 1)), maps[:, -1:]], 1)
    if ranges.inversion:
        negative = (inverted < ranges.inversion).float()
        maps[:, :-1] *= (1 - 2 * negative)[:, :, None]
        maps[:, :-1, -1] += 255 * negative
    return maps


def scale_channels(factor: Float[Tensor, " batch"], added: Float[Tensor, " batch"], channels: int) -> Maps:
    """Return the maps that multiply all channels, then add."""
    maps = torch.eye(channels + 1) * factor[:, None, None]
    maps[:, :-1, -1] = added[:, None]
    maps[:, -1, -1] = 1
    return maps


def scale_saturation(factor: Float[Tensor, " batch"]) -> Float[Tensor, "batch 4 4"]:
    """Return the maps that multiply the distance of a color from the gray that looks as bright."""
    gray = _with_one(torch.tensor(LUMA).expand(3, 3))
    return torch.lerp(gray, torch.eye(4), factor[:, None, None])


def rotate_hue(angle: Float[Tensor, " batch"]) -> Float[Tensor, "batch 4 4"]:
    """Return the maps that turn the plane of hues by so many degrees: grays and brightness stay as they are."""
    same, cosine, sine = _hue_parts()
    radians = angle.deg2rad()[:, None, None]
    return same + cosine * radians.cos() + sine * radians.sin()


@lru_cache(maxsize=1)
def _hue_parts() -> tuple[Float[Tensor, "4 4"], Float[Tensor, "4 4"], Float[Tensor, "4 4"]]:
    """Return the parts of a turn of the hues that stay, go with the cosine, and go with the sine of its angle."""
    forth = torch.tensor(YIQ, dtype=torch.float64)
    back = torch.linalg.inv(forth)
    luma, plane, quarter = torch.zeros(3, 3, 3, dtype=torch.float64)
    luma[0, 0] = plane[1, 1] = plane[2, 2] = quarter[1, 2] = 1
    quarter[2, 1] = -1  # from red over yellow to green, as in the circle of hues
    parts = [(back @ part @ forth).float() for part in (luma, plane, quarter)]
    return _with_one(parts[0]), _with_one(parts[1], 0.0), _with_one(parts[2], 0.0)


def _with_one(matrix: Float[Tensor, "3 3"], corner: float = 1.0) -> Float[Tensor, "4 4"]:
    whole = torch.zeros(4, 4)
    whole[:3, :3], whole[3, 3] = matrix, corner
    return whole
