"""Training of the last dense layer alone, on features that the frozen layers before it compute once for each image.

With `--freeze` only the head learns. Where no augmentation changes the images, the layers before it compute the same
features in each epoch; computed once, they make an epoch a matter of milliseconds. The network that a run keeps is the
whole one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.images.stream import Batch, ImageStream
from axone.data.stream import StatelessStream
from axone.messages import _
from axone.progress import Progress
from axone.tasks.classification.backbones.network import Backbone
from axone.tasks.classification.backbones.settings import BackboneSettings
from axone.tasks.classification.learner import Classifier

CHUNK = 25  # images whose features are computed together: always the same ones, so that resumed runs have the same bits


def can_compute_once(network: Backbone, settings: BackboneSettings) -> bool:
    """Return whether only the head learns, from the same features in each epoch."""
    is_augmented = settings.augment != "none" or settings.flip or settings.shift or settings.mixup or settings.cutmix
    if not settings.freeze or settings.unfreeze_every or settings.dropout or is_augmented or len(network.head) != 1:
        return False
    prefixes = tuple(f"{name}." for name in network.layer_groups[-1])
    trained = {name for name, _parameter in network.named_parameters() if name.startswith(prefixes)}
    return all(name.startswith(f"{network.head[0]}.") for name in trained)


class HeadClassifier(Classifier):
    """Trains the head of a network whose other layers are frozen; arguments as in `Classifier`.

    Inputs are images [batch, channels, height, width], or the features [batch, features] that `compute_features`
    returned for them.
    """

    network: Backbone

    @property
    def head(self) -> nn.Module:
        """The dense layer that learns."""
        return self.network.get_submodule(self.network.head[0])

    def compute_outputs(self, inputs: Tensor) -> Any:
        """Return the logits of images, or of their features."""
        return self.head(inputs) if inputs.ndim == 2 else self.network(inputs)

    def compute_features(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch features"]:
        """Return the input of the head for normalized images."""
        features: list[Tensor] = []
        handle = self.head.register_forward_pre_hook(lambda _module, inputs: features.append(inputs[0]))
        try:
            with self.acting(), self.casting():  # in evaluation mode, without gradients
                self.network(images)
        finally:
            handle.remove()
        return features[0].float()


class FeatureStream(StatelessStream[Batch]):
    """The batches of a stream of images, with features in the place of the images.

    They are computed when they are first needed: after a resumed run has loaded its weights.

    Args:
        images: The images, without augmentation.
        compute: Returns the features of a batch of normalized images.
        progress: Called with the number of images whose features are computed.
    """

    def __init__(self, images: ImageStream, compute: Callable[[Tensor], Tensor], progress: Progress) -> None:
        self.images, self.compute, self.progress = images, compute, progress

    @property
    def samples(self) -> int:
        """The number of images in an epoch."""
        return self.images.samples

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return len(self.images)

    def to(self, device: torch.device | str) -> FeatureStream:
        """Return the same stream with its batches on a device."""
        return FeatureStream(self.images.to(device), self.compute, self.progress)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch, from batch number `start` on."""
        order, size = self.images.order(epoch), self.images.batch_size
        labels = self.images.labels
        for number in range(start, len(self)):
            index = order[number * size : (number + 1) * size]
            features = self.features[self.rows[index]]
            yield Batch(features, labels[index.to(labels.device)], index.to(self.images.device))

    @cached_property
    def features(self) -> Float[Tensor, "images features"]:
        """The features of all images, in the order of their indices."""
        images = self.images.without_augmentation(CHUNK)
        chunks: list[Tensor] = []
        for number, batch in enumerate(images.batches(1)):
            self.progress(_("computing the features of the images"), number * CHUNK, images.samples)
            chunks.append(self.compute(batch.inputs))
        self.progress(_("computing the features of the images"), images.samples, images.samples)
        return torch.cat(chunks)

    @cached_property
    def rows(self) -> Int64[Tensor, " data_set"]:
        """The row in `features` of each image of the data set; 0 for images that are not in this stream."""
        rows = torch.zeros(len(self.images.labels), dtype=torch.int64)
        rows[self.images.indices] = torch.arange(len(self.images.indices))
        return rows
