"""From noise to shapes: the module that answers for a trained generator, and the generated shapes as files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64, UInt8
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from axone.data.random import make_generator
from axone.data.voxels.voxels import Solid, Solids, is_connected, largest_component, to_obj, to_stl
from axone.figures.figure import encode_png
from axone.messages import _
from axone.settings import Settings
from axone.tasks.answers import NotebookAnswer
from axone.tasks.generation.latents import cycle_classes
from axone.tasks.shapes.drawings import draw_solid

BATCH_SIZE = 64
LARGE_SIDE = 480  # pixels: the side of an image in a file of its own

Noise = Float[Tensor, "solids latent"]


@dataclass(frozen=True)
class GeneratedShape(NotebookAnswer):
    """One generated shape."""

    solid: Solid
    label: str = ""  # the class that was asked for; "" for a shape without one
    color: int = 0  # the index of the class, which chooses the color of the drawing

    output = "files"

    @cached_property
    def pixels(self) -> UInt8[np.ndarray, "height width 3"]:
        """A small drawing of the shape."""
        return draw_solid(self.solid, color=self.color)

    def preview(self) -> UInt8[np.ndarray, "height width 3"]:
        """Return the small drawing."""
        return self.pixels

    def files(self) -> dict[str, bytes]:
        """Return the shape as two meshes (OBJ and STL) and a drawing."""
        return {
            ".obj": to_obj(self.solid, self.label or "shape"),
            ".stl": to_stl(self.solid),
            ".png": encode_png(Image.fromarray(draw_solid(self.solid, LARGE_SIDE, self.color))),
        }

    def text(self) -> str:
        """Return the class and the number of full voxels."""
        size = _("{count} of {all} voxels", count=int(self.solid.sum()), all=self.solid.size)
        return f"{self.label}, {size}" if self.label else size

    def to_json(self) -> dict[str, str | int | bool]:
        """Return the class, the number of full voxels, the side of the cube, and whether the shape is connected."""
        connected = bool(is_connected(self.solid[None])[0])
        return {
            "label": self.label, "voxels": int(self.solid.sum()), "size": len(self.solid), "connected": connected,
        }  # fmt: skip


class ShapeGenerator(nn.Module):
    """Noise and class indices in, voxels out.

    Args:
        network: Maps noise and one-hot classes to the logits of full voxels, [batch, 1, height, depth, width].
        classes: The number of classes.
    """

    def __init__(self, network: nn.Module, classes: int) -> None:
        super().__init__()
        self.network, self.classes = network, classes

    def forward(
        self, noise: Float[Tensor, "batch latent"], labels: Int64[Tensor, " batch"]
    ) -> Bool[Tensor, "batch height depth width"]:
        """Return the voxels that are full with a probability above one half."""
        voxels: Tensor = self.network(noise, one_hot(labels, self.classes))[:, 0] > 0
        return voxels


def answering(network: nn.Module, settings: Settings, facts: Mapping[str, Any]) -> ShapeGenerator:
    """Return the module that answers for a trained generator, in evaluation mode."""
    return ShapeGenerator(network, len(facts["classes"])).eval()


def sample_noise(count: int, latent: int, *purpose: int | str) -> Noise:
    """Draw noise from the standard normal distribution; row k is the same however many rows are drawn."""
    generator = make_generator("noise", *purpose)
    return torch.stack([torch.randn(latent, generator=generator) for _row in range(count)])


def one_hot(labels: Int64[Tensor, " batch"], classes: int) -> Float[Tensor, "batch classes"]:
    """Return a 1 at the index of each class, 0 elsewhere."""
    return functional.one_hot(labels, classes).float()


@torch.inference_mode()
def generate_solids(network: nn.Module, noise: Noise, labels: Int64[Tensor, " solids"], classes: int) -> Solids:
    """Generate one solid per row of noise, in batches.

    The network is used in the mode that it is in: put it into evaluation mode first.
    """
    model, device = ShapeGenerator(network, classes), next(network.parameters()).device
    return np.concatenate(
        [
            model(some.to(device), those.to(device)).cpu().numpy()
            for some, those in zip(noise.split(BATCH_SIZE), labels.split(BATCH_SIZE), strict=True)
        ]
    )


def generate(
    network: nn.Module, settings: Any, facts: Mapping[str, Any], *, count: int, label: str | None, seed: int
) -> Iterator[GeneratedShape]:
    """Generate shapes of one class, or of all classes in turn, and keep the largest connected component of each."""
    names = facts["classes"]
    labels = cycle_classes(count, len(names)) if label is None else torch.full((count,), names.index(label))
    noise = sample_noise(count, settings.latent, seed)
    solids = generate_solids(network.eval(), noise, labels, len(names))
    for solid, number in zip(largest_component(solids), labels.tolist(), strict=True):
        yield GeneratedShape(solid, names[number] if len(names) > 1 else "", number)
