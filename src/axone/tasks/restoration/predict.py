"""Pictures that a network cleans: what is read of a file, what is kept of it, and how it is written again.

A file's transparency stays as it was; gray of 16 bits stays gray of 16 bits, all else has 8 bits a channel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32, UInt8
from PIL import Image
from torch import Tensor, nn

from axone.data.images.array import check_image
from axone.data.images.file import open_image, to_gray_or_rgb
from axone.errors import DataError
from axone.figures.figure import encode_png
from axone.messages import _
from axone.tasks.answers import Answer
from axone.tasks.restoration.noise_scaled import NoiseScaled, estimate_noise_level
from axone.tasks.restoration.self_ensemble import seen
from axone.tasks.restoration.settings import RestorationSettings
from axone.tasks.restoration.tiling import tiled


@dataclass(frozen=True)
class RestoredPicture(Answer):
    """A picture as it should be, as far as a network can tell."""

    values: Float32[np.ndarray, "height width channels"]  # from 0 to 1; 1 channel or 3
    alpha: UInt8[np.ndarray, "height width"] | None = None  # as it was: 0 is transparent
    deep: bool = False  # gray of 16 bits
    change: float = 0.0  # root mean square of what was changed

    output = "files"

    @property
    def pixels(self) -> UInt8[np.ndarray, "height width channels"]:
        """The picture as bytes, without its transparency."""
        return np.rint(self.values * 255).astype(np.uint8)

    @property
    def image(self) -> Image.Image:
        """The picture as it is written."""
        if self.deep and self.alpha is None:
            return Image.fromarray(np.rint(self.values[..., 0] * 65_535).astype(np.uint16))
        channels = [self.pixels] if self.alpha is None else [self.pixels, self.alpha[..., None]]
        pixels = np.concatenate(channels, axis=2)
        return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)

    def files(self) -> dict[str, bytes]:
        """Return what it is kept as: the end of a file's name -> the file's content."""
        return {".png": encode_png(self.image)}

    def text(self) -> str:
        """Say in a few words what it is."""
        height, width, _channels = self.values.shape
        return _(
            "{width} x {height} pixels, changed by {change} (root mean square)",
            width=width,
            height=height,
            change=f"{self.change:.3f}",
        )

    def to_json(self) -> dict[str, int | float]:
        """Return what `--json` says of it."""
        height, width, channels = self.values.shape
        return {"width": width, "height": height, "channels": channels, "change": self.change}

    def restored(self, values: Float32[np.ndarray, "height width channels"]) -> RestoredPicture:
        """Return this picture with other values, and how much they differ."""
        values = values.clip(0, 1)
        change = math.sqrt(float(np.square(values - self.values, dtype=np.float64).mean()))
        return RestoredPicture(values, self.alpha, self.deep, change)


def open_picture(given: str | Path | np.ndarray | Tensor) -> RestoredPicture:
    """Return a file's or an array's picture, not changed yet. Raises DataError, ResourceError.

    Arrays are (height, width) or (height, width, channels), bytes or floats from 0 to 1; a second or fourth channel is
    transparency.
    """
    if isinstance(given, str | Path):
        image = open_image(given)
        if image.mode.startswith("I;16"):
            return RestoredPicture((np.asarray(image) / np.float32(65_535))[:, :, None].astype(np.float32), deep=True)
        if image.has_transparency_data:
            array = np.asarray(image.convert("LA" if image.mode in ("1", "L", "LA", "La") else "RGBA"))
        else:
            array = np.asarray(to_gray_or_rgb(image))
    else:
        array = check_image(given)
    if array.ndim == 2:
        array = array[:, :, None]
    shares = array.astype(np.float32) / np.float32(255 if array.dtype == np.uint8 else 1)
    if array.shape[2] in (1, 3):
        return RestoredPicture(shares)
    return RestoredPicture(shares[..., :-1], np.rint(shares[..., -1] * 255).astype(np.uint8))


def predict(
    network: nn.Module,
    settings: RestorationSettings,
    facts: Mapping[str, Any],
    inputs: Sequence[str | Path | np.ndarray | Tensor],
) -> list[RestoredPicture | DataError]:
    """Clean each picture, of whatever size. One that cannot be used gets its error, in its place."""
    answers: list[RestoredPicture | DataError] = []
    for given in inputs:
        try:
            answers.append(restore(network, facts["input"][0], open_picture(given), settings.views))
        except DataError as error:
            answers.append(error)
    return answers


@torch.inference_mode()
def restore(network: nn.Module, channels: int, picture: RestoredPicture, views: int = 1) -> RestoredPicture:
    """Clean a picture, tile by tile, each seen in so many ways, with a network for so many channels.

    A network for gray cleans each color by itself; one for color is shown gray in all three, and their mean is taken.
    """

    def arranged(tile: Float[Tensor, "given height width"]) -> Float[Tensor, "batch channels height width"]:
        if len(tile) == channels:
            return tile[None]
        return tile[:, None] if channels == 1 else tile.expand(1, channels, -1, -1)

    def work(tile: Float[Tensor, "given height width"]) -> Float[Tensor, "given height width"]:
        cleaned: Tensor = network(arranged(tile), **known)
        if len(tile) == channels:
            return cleaned[0]
        return cleaned[:, 0] if channels == 1 else cleaned[0].mean(0, keepdim=True)

    network.eval()
    values = torch.from_numpy(picture.values).movedim(2, 0).to(next(network.parameters()).device)
    # One level for all tiles: two tiles that took themselves for differently noisy would show where they meet.
    known = {"level": estimate_noise_level(arranged(values))} if isinstance(network, NoiseScaled) else {}
    return picture.restored(tiled(lambda tile: seen(work, tile, views), values).movedim(0, 2).cpu().numpy())
