"""Solids that a network makes: out of noise, thresholded, ready to be looked at, printed and kept as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from axone.data.random import make_generator
from axone.data.voxels.voxels import Solid, Solids, is_connected, to_obj, to_stl
from axone.figures.figure import encode_png
from axone.messages import _
from axone.tasks.answers import Answer
from axone.tasks.shapes.drawings import rendered

AT_ONCE = 64  # solids of a forward pass
LARGE = 480  # side in pixels of a picture that is a file of its own

Noise = Float[Tensor, "solids latent"]


@dataclass(frozen=True)
class GeneratedShape(Answer):
    """One solid, and what was asked for."""

    solid: Solid
    label: str = ""  # the class; "" where there are none
    color: int = 0  # the number of the class

    output = "files"

    @cached_property
    def pixels(self) -> UInt8[np.ndarray, "height width 3"]:
        """A small picture of it, for a wall."""
        return rendered(self.solid, color=self.color)

    def preview(self) -> UInt8[np.ndarray, "height width 3"]:
        """Return the small picture."""
        return self.pixels

    def files(self) -> dict[str, bytes]:
        """Return what it is kept as: two meshes, and a picture."""
        picture = Image.fromarray(rendered(self.solid, LARGE, self.color))
        return {
            ".obj": to_obj(self.solid, self.label or "shape"),
            ".stl": to_stl(self.solid),
            ".png": encode_png(picture),
        }

    def text(self) -> str:
        """Say in a few words what it is."""
        size = _("{count} of {all} voxels", count=int(self.solid.sum()), all=self.solid.size)
        return f"{self.label}, {size}" if self.label else size

    def to_json(self) -> dict[str, str | int | bool]:
        """Return what `--json` says of it."""
        whole = bool(is_connected(self.solid[None])[0])
        return {"label": self.label, "voxels": int(self.solid.sum()), "size": len(self.solid), "in_one_piece": whole}


def noise_for(count: int, latent: int, *seed: int | str) -> Noise:
    """Draw the noise that so many solids are made from; row k is the same however many are drawn."""
    generator = make_generator("noise", *seed)
    return torch.stack([torch.randn(latent, generator=generator) for _row in range(count)])


def one_hot(labels: Int64[Tensor, " batch"], classes: int) -> Float[Tensor, "batch classes"]:
    """Return a 1 in the place of each class, 0 elsewhere."""
    return functional.one_hot(labels, classes).float()


def solids_from(network: nn.Module, noise: Noise, labels: Float[Tensor, "solids classes"]) -> Solids:
    """Make a solid from each row of noise and its class (one 1 each): the voxels that are likelier full than empty."""
    return np.concatenate(list(_pieces(network, noise, labels)))


def _pieces(network: nn.Module, noise: Noise, labels: Float[Tensor, "solids classes"]) -> Iterator[Solids]:
    device = next(network.parameters()).device
    with torch.inference_mode():
        for some, those in zip(noise.split(AT_ONCE), labels.split(AT_ONCE), strict=True):
            logits = network(some.to(device), those.to(device))
            yield (logits[:, 0] > 0).cpu().numpy()
