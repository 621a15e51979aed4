"""The training pictures that a network finds most like a new one: nearest in its space of features, by angle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn

from axone.data.images.stream import ImageStream
from axone.tasks.explanation.features import features, gather, in_order


@dataclass(frozen=True)
class Neighbor:
    """One training picture: its number in the training set, its class, and the cosine between its features and ours."""

    index: int
    label: str
    similarity: float
    pixels: UInt8[np.ndarray, "height width channels"]


class Album:
    """The training pictures of a run as a layer of its network sees them."""

    def __init__(
        self,
        found: Float[Tensor, "samples features"],
        targets: Int64[Tensor, " samples"],
        index: Int64[Tensor, " samples"],
        pixels: UInt8[Tensor, "all height width channels"],
        classes: Sequence[str],
    ) -> None:
        self.directions = functional.normalize(found, dim=1)
        self.targets, self.index, self.pixels, self.classes = targets, index, pixels, classes

    @classmethod
    @torch.inference_mode()
    def collect(cls, network: nn.Module, layer: str, stream: ImageStream, classes: Sequence[str]) -> Album:
        """Look at all pictures of a training stream, as they are."""
        stream = in_order(stream)
        found, targets, index = gather(lambda images: features(network, images, layer), stream)
        return cls(found, targets, index, stream.pixels, classes)

    @torch.inference_mode()
    def nearest(self, vector: Float[Tensor, " features"], count: int) -> list[Neighbor]:
        """Return the `count` pictures whose features point most nearly the same way, the nearest first."""
        cosines = self.directions @ functional.normalize(vector.cpu(), dim=0)
        order = cosines.argsort(descending=True, stable=True)[:count]
        return [
            Neighbor(
                int(self.index[place]),
                self.classes[int(self.targets[place])],
                float(cosines[place]),
                self.pixels[int(self.index[place])].cpu().numpy(),
            )
            for place in order.tolist()
        ]
