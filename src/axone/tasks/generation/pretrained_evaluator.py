"""The fixed evaluator: EfficientNet-Lite0 with ImageNet weights, the same for images of any size and kind.

Images are resized to 64 x 64 pixels, gray ones repeated in three channels. The features are the means of the 320 maps
of the last block: with the 1280 that the classifier reads, a covariance would need more images than a check can
generate in seconds.

The classes of the generator's images are recognized by a linear regression on these features, fitted in closed form
to images of the data: no network is trained, and no random number drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor
from torch.nn import functional

from axone.data.images.dataset import Subset
from axone.engine.machine import seeds
from axone.engine.machine.device import choose_device
from axone.graph import Input
from axone.tasks.classification.backbones.efficientnet_lite import HEAD, PUBLISHED, STATISTICS, efficientnet_lite0
from axone.tasks.generation.evaluator import Counts, Evaluator, Features
from axone.tasks.images.splits import Splits

NAME, ID = "EfficientNet-Lite0", "efficientnet_lite0"
SIDE = 64  # pixels
LAYER = "blocks.15.project.norm"
COUNTS = Counts(validation=1000, test=5000, searched=5000, fewest=200)
BATCH_SIZE = 50  # images; larger batches leave the processor's caches
RECOGNIZED = 3000  # images to which the regression is fitted, at most
RIDGE = 0.1  # the weight of the squared coefficients, for standardized features and each image


@dataclass(frozen=True)
class PretrainedEvaluator(Evaluator):
    """EfficientNet-Lite0, and the images of the generator's data whose classes it recognizes."""

    images: Subset | None = None

    @torch.inference_mode()
    def extract(self, pixels: UInt8[Tensor, "images height width channels"]) -> Features:
        """Return the features and predicted classes of images of any size, gray or RGB."""
        values = self.compute_values(pixels)
        if not self.knows_classes:
            return Features(values, torch.zeros(len(values), dtype=torch.int64))
        return Features(values, self.recognizer.recognize(values))

    @torch.inference_mode()
    def compute_values(self, pixels: UInt8[Tensor, "images height width channels"]) -> Float[Tensor, "images features"]:
        """Return the features of images."""
        self.network.eval()
        device = next(self.network.parameters()).device
        batches = []
        for batch in pixels.split(BATCH_SIZE):
            inputs = self.prepare(batch.to(device)).contiguous(memory_format=torch.channels_last)
            with torch.autocast(device.type, enabled=False):
                maps = self.network.activations(inputs, self.layer)
            assert isinstance(maps, Tensor)
            batches.append(maps.mean((2, 3)).cpu())
        return torch.cat(batches)

    @cached_property
    def recognizer(self) -> Recognizer:
        """The regression of the classes on the features of the images."""
        assert self.images is not None
        every = -(-len(self.images) // RECOGNIZED)
        some = self.images.indices[::every]
        dataset = self.images.dataset
        return Recognizer.fit(self.compute_values(dataset.pixels[some]), dataset.labels[some])


@dataclass(frozen=True)
class Recognizer:
    """A linear regression of one-hot classes on standardized features: the largest of its outputs is the class."""

    mean: Float[Tensor, " features"]
    std: Float[Tensor, " features"]
    weights: Float[Tensor, "features_and_bias classes"]

    @classmethod
    def fit(cls, values: Float[Tensor, "images features"], labels: Int64[Tensor, " images"]) -> Recognizer:
        """Fit the regression in closed form (ridge regression)."""
        rows = values.double()
        mean, std = rows.mean(0), rows.std(0, correction=0).clamp_min(1e-6)
        inputs = functional.pad((rows - mean) / std, (0, 1), value=1.0)
        penalty = RIDGE * len(rows) * torch.eye(inputs.shape[1], dtype=torch.float64)
        targets = functional.one_hot(labels).double()
        return cls(mean, std, torch.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ targets))

    def recognize(self, values: Float[Tensor, "images features"]) -> Int64[Tensor, " images"]:
        """Return the class of each row of features."""
        inputs = functional.pad((values.double() - self.mean) / self.std, (0, 1), value=1.0)
        return (inputs @ self.weights).argmax(1)


def load_pretrained_evaluator(splits: Splits) -> PretrainedEvaluator:
    """Return the fixed evaluator. Raises ResourceError where its weights are not installed."""
    weights = PUBLISHED.read()
    with seeds.preserve_random_state():  # the generator draws the same numbers as with any other evaluator
        network = efficientnet_lite0(Input(3, SIDE, SIDE), len(weights[f"{HEAD}.bias"]))
    network.load_state_dict(weights)
    network.to(choose_device(splits.settings.device)).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    mean, std = (list(values) for values in STATISTICS)
    return PretrainedEvaluator(
        NAME, network, LAYER, HEAD, mean, std, len(splits.facts["classes"]) > 1, ID, COUNTS,
        Subset.all(splits.train.dataset),
    )  # fmt: skip
