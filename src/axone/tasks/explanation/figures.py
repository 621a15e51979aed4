"""An explanation to look at: red where a picture speaks for a class, blue where it speaks against."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as functional
from jaxtyping import Float, UInt8
from PIL import Image

from axone.figures.figure import contact_sheet, diverging
from axone.messages import _
from axone.numbers import percent
from axone.tasks.explanation.neighbors import Neighbor

SIDE = 224  # of a picture on a sheet, in pixels, about
MOST_MAPS = 64
DARKEST = 90  # gray below the colors, so that they show on what is black as well
STRONG = 0.85  # place of red and blue on the scale of colors


def overlay(
    pixels: UInt8[np.ndarray, "height width channels"], heat: Float[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "height width 3"]:
    """Lay heat from -1 to 1 over a picture in gray: the stronger it is, the more of red or blue is seen."""
    gray = pixels.astype(np.float64).mean(axis=2, keepdims=True).repeat(3, axis=2)
    gray = DARKEST + gray * (255 - DARKEST) / 255
    color = diverging(np.where(heat < 0, -STRONG, STRONG))
    opacity = np.abs(heat)[..., None]
    return (gray * (1 - opacity) + color * opacity).round().astype(np.uint8)


def scaled(heat: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Bring values to -1..1 by the largest; a few very strong ones (the last half per cent) are cut."""
    limit = float(np.quantile(np.abs(heat), 0.995)) or float(np.abs(heat).max()) or 1.0
    return np.clip(heat / limit, -1, 1)


def side_by_side(
    pixels: UInt8[np.ndarray, "height width channels"],
    heats: Mapping[str, Float[np.ndarray, "height width"]],
    caption: str,
) -> Image.Image:
    """Show a picture, and beside it each method's heat over it."""
    plain = _large(pixels.repeat(3, axis=2) if pixels.shape[2] == 1 else pixels)
    tiles = [plain, *(_large(overlay(pixels, scaled(heat))) for heat in heats.values())]
    return contact_sheet(np.stack(tiles), [caption, *heats], columns=len(tiles))


def maps_sheet(maps: Float[np.ndarray, "channels height width"]) -> Image.Image:
    """Show the maps of a layer on one scale of colors: red above zero, blue below; at most 64, the strongest."""
    strength = np.abs(maps).mean(axis=(1, 2))
    shown = np.sort(np.argsort(-strength, kind="stable")[:MOST_MAPS])
    limit = float(np.abs(maps).max()) or 1.0
    tiles = np.stack([diverging(maps[channel].astype(np.float64) / limit) for channel in shown])
    captions = [str(channel) for channel in shown] if len(maps) > 1 else []
    return contact_sheet(tiles, captions, columns=8)


def as_map(answers: Float[np.ndarray, " units"]) -> Float[np.ndarray, "1 rows columns"]:
    """Lay the answers of units without places in rows, as one map; the last row is filled with zeros."""
    columns = math.ceil(math.sqrt(2 * len(answers)))
    rows = math.ceil(len(answers) / columns)
    padded = np.zeros(rows * columns, answers.dtype)
    padded[: len(answers)] = answers
    return padded.reshape(1, rows, columns)


def neighbors_sheet(nearest: list[Neighbor]) -> Image.Image:
    """Show training pictures, the nearest first, each with its class and the cosine between the features."""
    captions = [f"{one.label}\n" + _("{similarity} alike", similarity=percent(one.similarity, 1)) for one in nearest]
    return contact_sheet(np.stack([one.pixels for one in nearest]), captions, columns=8)


def _large(pixels: UInt8[np.ndarray, "height width channels"]) -> UInt8[np.ndarray, "tall wide channels"]:
    """Enlarge a small picture a whole number of times, so that a pixel stays a pixel."""
    times = max(1, round(SIDE / max(pixels.shape[:2])))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def smooth(heat: Float[np.ndarray, "height width"], size: tuple[int, ...]) -> Float[np.ndarray, "tall wide"]:
    """Bring heat to the size (height, width) of a picture, between its points in a straight line."""
    tensor = torch.from_numpy(np.asarray(heat, np.float32))[None, None]
    return functional.interpolate(tensor, size=size, mode="bilinear", align_corners=False)[0, 0].numpy()
