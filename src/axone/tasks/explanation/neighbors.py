"""The training images most similar to a new one: nearest neighbors in feature space by cosine similarity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn

from axone.data.images.stream import ImageStream
from axone.tasks.explanation.collection import collect_features
from axone.tasks.explanation.features import compute_features


@dataclass(frozen=True)
class Neighbor:
    """One training image: its index, its class, and the cosine similarity of its features to those of the query."""

    index: int
    label: str
    similarity: float
    pixels: UInt8[np.ndarray, "height width channels"]


class FeatureIndex:
    """The features of all training images of a run at one layer, to search for nearest neighbors."""

    def __init__(
        self,
        features: Float[Tensor, "samples features"],
        targets: Int64[Tensor, " samples"],
        indices: Int64[Tensor, " samples"],
        pixels: UInt8[Tensor, "all height width channels"],
        classes: Sequence[str],
    ) -> None:
        self.directions = functional.normalize(features, dim=1)  # [samples, features], each of length 1
        self.targets, self.indices, self.pixels, self.classes = targets, indices, pixels, classes

    @classmethod
    @torch.inference_mode()
    def build(cls, network: nn.Module, layer: str, stream: ImageStream, classes: Sequence[str]) -> FeatureIndex:
        """Compute the features of all images of a training stream, without augmentation."""
        features, targets, indices = collect_features(lambda images: compute_features(network, images, layer), stream)
        return cls(features, targets, indices, stream.pixels, classes)

    @torch.inference_mode()
    def find_nearest(self, features: Float[Tensor, " features"], count: int) -> list[Neighbor]:
        """Return the `count` images with the largest cosine similarity to a feature vector, the most similar first."""
        cosines = self.directions @ functional.normalize(features.cpu(), dim=0)  # [samples]
        order = cosines.argsort(descending=True, stable=True)[:count]
        return [
            Neighbor(
                int(self.indices[position]),
                self.classes[int(self.targets[position])],
                float(cosines[position]),
                self.pixels[int(self.indices[position])].cpu().numpy(),
            )
            for position in order.tolist()
        ]
