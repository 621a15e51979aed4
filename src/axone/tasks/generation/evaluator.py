"""The evaluator: a network whose features of real and generated images are compared, and whose classes are counted.

Which one it is, in order of precedence:

1. The run of an image classifier that `--evaluator RUN` names, for example Inception with its published weights.
2. EfficientNet-Lite0 with its ImageNet weights, where the extra `pretrained` is installed (`pretrained_evaluator.py`).
   It is the same for all images, so that its numbers compare generators on different data too.
3. A small network that is trained first on all images of the data (`trained_evaluator.py`). Its numbers compare
   generators on the same data only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from axone.data.images.normalize import normalize
from axone.graph import Model
from axone.tasks.explanation.features import flatten_features
from axone.tasks.images.splits import EVAL_BATCH_SIZE


class Features(NamedTuple):
    """What an evaluator computes about images."""

    values: Float[Tensor, "images features"]
    predictions: Int64[Tensor, " images"]  # the likeliest class of each image; meaningless if classes are not known


class Counts(NamedTuple):
    """How many images an evaluator compares: as many as it computes in seconds on a processor."""

    validation: int = 2000  # images generated after each epoch
    test: int = 10_000  # images generated for the test
    searched: int = 20_000  # training images that are searched for the nearest ones
    fewest: int = 2000  # images generated for as few real ones


COUNTS = Counts()


@dataclass(frozen=True)
class Evaluator:
    """A trained classifier, with the layer whose outputs are the features, and the normalization of its inputs."""

    name: str  # for people: every metric that depends on the features is printed with it
    network: Model
    layer: str  # the layer whose outputs are the features
    head: str  # the layer whose outputs are the logits
    mean: list[float]
    std: list[float]
    knows_classes: bool  # whether it predicts the classes of the generator's training images, in the same order
    id: str = ""  # of a fixed network: the end of the ids of its metrics, which are never mixed with those of others
    counts: Counts = COUNTS

    @torch.inference_mode()
    def extract(self, pixels: UInt8[Tensor, "images height width channels"]) -> Features:
        """Return the features and predicted classes of images of any size, gray or RGB."""
        self.network.eval()
        device = next(self.network.parameters()).device
        batches = []
        for batch in pixels.split(EVAL_BATCH_SIZE):
            inputs = self.prepare(batch.to(device))
            with torch.autocast(device.type, enabled=False):
                outputs = self.network.activations(inputs, [self.layer, self.head])
            assert isinstance(outputs, dict)
            batches.append(Features(flatten_features(outputs[self.layer]).cpu(), outputs[self.head].argmax(1).cpu()))
        return Features(torch.cat([each.values for each in batches]), torch.cat([each.predictions for each in batches]))

    def prepare(
        self, pixels: UInt8[Tensor, "images height width channels"]
    ) -> Float[Tensor, "images wanted_channels side side"]:
        """Return the inputs of the network for images of any size, gray or RGB."""
        inputs = normalize(_convert_channels(pixels, len(self.mean)), self.mean, self.std)
        size = self.network.input_shapes[0][1:]
        if inputs.shape[2:] != size:
            inputs = functional.interpolate(inputs, size, mode="bilinear", antialias=True)
        return inputs

    def name_metric(self, metric: str) -> str:
        """Return the id of a metric that depends on the features: that of a fixed network ends in its id."""
        return f"{metric}_{self.id}" if self.id else metric


def _convert_channels(
    pixels: UInt8[Tensor, "images height width channels"], channels: int
) -> UInt8[Tensor, "images height width wanted"]:
    """Convert gray images to RGB, or RGB images to gray, for a network that takes `channels` channels."""
    if pixels.shape[3] == channels:
        return pixels
    if channels == 1:
        return pixels.float().mean(3, keepdim=True).round().to(torch.uint8)
    return pixels[..., :1].expand(-1, -1, -1, channels).contiguous()
