"""Figures of an explanation: heat maps over the image (red: for the class, blue: against), maps, neighbors."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as functional
from jaxtyping import Float, UInt8
from PIL import Image

from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.tiles import color_diverging
from axone.messages import _
from axone.numbers import format_percent
from axone.tasks.explanation.neighbors import Neighbor

SIDE = 224  # pixels to which a small image is about enlarged
MAX_MAPS = 64
DARKEST_GRAY = 90  # of the image below the colors, so that they are visible on black too
STRONG = 0.85  # position of red and blue on the diverging color scale


def draw_explanation(
    pixels: UInt8[np.ndarray, "height width channels"],
    heat_maps: Mapping[str, Float[np.ndarray, "height width"]],
    caption: str,
) -> Image.Image:
    """Draw an image, and next to it the same image under each heat map."""
    plain = _enlarge(pixels.repeat(3, axis=2) if pixels.shape[2] == 1 else pixels)
    tiles = [plain, *(_enlarge(overlay_heat_map(pixels, normalize_heat_map(heat))) for heat in heat_maps.values())]
    return draw_contact_sheet(np.stack(tiles), [caption, *heat_maps], columns=len(tiles))


def draw_feature_maps(maps: Float[np.ndarray, "channels height width"]) -> Image.Image:
    """Draw the feature maps of a layer on one color scale (red: positive, blue: negative), the strongest 64."""
    strength = np.abs(maps).mean(axis=(1, 2))
    channels = np.sort(np.argsort(-strength, kind="stable")[:MAX_MAPS])
    limit = float(np.abs(maps).max()) or 1.0
    tiles = np.stack([color_diverging(maps[channel].astype(np.float64) / limit) for channel in channels])
    captions = [str(channel) for channel in channels] if len(maps) > 1 else []
    return draw_contact_sheet(tiles, captions, columns=8)


def draw_neighbors(neighbors: list[Neighbor]) -> Image.Image:
    """Draw training images, the most similar first, each with its class and its cosine similarity."""
    captions = [
        f"{one.label}\n" + _("similarity {value}", value=format_percent(one.similarity, 1)) for one in neighbors
    ]
    return draw_contact_sheet(np.stack([one.pixels for one in neighbors]), captions, columns=8)


def overlay_heat_map(
    pixels: UInt8[np.ndarray, "height width channels"], heat: Float[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "height width 3"]:
    """Blend a heat map from -1 to 1 over an image in gray: the larger the absolute value, the more opaque."""
    gray = pixels.astype(np.float64).mean(axis=2, keepdims=True).repeat(3, axis=2)
    gray = DARKEST_GRAY + gray * (255 - DARKEST_GRAY) / 255
    color = color_diverging(np.where(heat < 0, -STRONG, STRONG))
    opacity = np.abs(heat)[..., None]
    return (gray * (1 - opacity) + color * opacity).round().astype(np.uint8)


def normalize_heat_map(heat: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Scale values to -1..1 by the 99.5th percentile of their absolute values, and clip the few beyond it."""
    limit = float(np.quantile(np.abs(heat), 0.995)) or float(np.abs(heat).max()) or 1.0
    return np.clip(heat / limit, -1, 1)


def resize_heat_map(heat: Float[np.ndarray, "height width"], size: tuple[int, ...]) -> Float[np.ndarray, "tall wide"]:
    """Resize a heat map to the (height, width) of an image with bilinear interpolation."""
    tensor = torch.from_numpy(np.asarray(heat, np.float32))[None, None]
    return functional.interpolate(tensor, size=size, mode="bilinear", align_corners=False)[0, 0].numpy()


def arrange_units(values: Float[np.ndarray, " units"]) -> Float[np.ndarray, "1 rows columns"]:
    """Arrange the outputs of units without a position in rows, as one map; the last row is padded with zeros."""
    columns = math.ceil(math.sqrt(2 * len(values)))
    rows = math.ceil(len(values) / columns)
    padded = np.zeros(rows * columns, values.dtype)
    padded[: len(values)] = values
    return padded.reshape(1, rows, columns)


def _enlarge(pixels: UInt8[np.ndarray, "height width channels"]) -> UInt8[np.ndarray, "tall wide channels"]:
    """Enlarge a small image by an integer factor, so that each pixel becomes a square."""
    factor = max(1, round(SIDE / max(pixels.shape[:2])))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)
