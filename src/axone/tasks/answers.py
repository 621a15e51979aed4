"""Pictures that a network makes: invented ones, and given ones that it changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from axone.figures.figure import png
from axone.messages import _


@dataclass(frozen=True)
class GeneratedImage:
    """One picture, ready to be looked at and to be kept as a file."""

    pixels: UInt8[np.ndarray, "height width channels"]
    label: str = ""  # the class that was asked for; "" where none was
    note: str = ""  # for people

    @property
    def image(self) -> Image.Image:
        """The picture, gray or colored."""
        return Image.fromarray(self.pixels.squeeze(2) if self.pixels.shape[2] == 1 else self.pixels)

    def files(self) -> dict[str, bytes]:
        """Return what it is kept as: the end of a file's name -> the file's content."""
        return {".png": png(self.image)}

    def told(self) -> str:
        """Say in a few words what it is."""
        height, width, _channels = self.pixels.shape
        size = _("{width} x {height} pixels", width=width, height=height)
        return f"{self.label}, {size}" if self.label else size

    def as_json(self) -> dict[str, str | int]:
        """Return what `--json` says of it."""
        height, width, channels = self.pixels.shape
        return {"label": self.label, "width": width, "height": height, "channels": channels}


def to_bytes(shares: Float[Tensor, "*batch channels height width"]) -> UInt8[Tensor, "*batch height width channels"]:
    """Turn pixels that count from 0 to 1 into bytes as files hold them; what lies outside is cut off."""
    return shares.detach().float().movedim(-3, -1).clamp(0, 1).mul(255).round().to(torch.uint8).cpu()
