"""From images to classes: the module that answers, and `predict`, which reads files and arrays for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from axone.data.images.in_memory.item import ImageInput
from axone.data.images.normalize import Normalize
from axone.errors import DataError
from axone.tasks.answers import Prediction
from axone.tasks.batched import answer_in_batches
from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.classification.views import Views, average_logits, views_of
from axone.tasks.images.inputs import InputImage, load_image
from axone.tasks.images.splits import EVAL_BATCH_SIZE

MOST_WITH_PIXELS = 100  # inputs whose predictions hold their image, for notebooks: thousands would fill the memory


class ClassProbabilities(nn.Module):
    """Images in, the probability of each class out: normalization, views, network and softmax.

    Args:
        network: Maps normalized images [batch, channels, height, width] to logits [batch, classes].
        facts: The facts of the run: `input`, `mean` and `std`.
        views: The views of an image whose logits are averaged; None: the image itself.
    """

    def __init__(self, network: nn.Module, facts: Mapping[str, Any], views: Views | None) -> None:
        super().__init__()
        channels, height, width = facts["input"]
        self.network = network
        self.normalize = Normalize((height, width, channels), facts["mean"], facts["std"])
        self.views = views

    def forward(self, images: UInt8[Tensor, "batch height width channels"]) -> Float[Tensor, "batch classes"]:
        """Return the probabilities of a batch of images."""
        inputs = self.normalize(images)  # float32 [batch, channels, height, width]
        logits = average_logits(self.network, inputs, self.views)  # [batch, classes]
        return logits.float().softmax(1)


def answering(
    network: nn.Module, settings: ImageClassificationSettings, facts: Mapping[str, Any]
) -> ClassProbabilities:
    """Return the module that answers for a trained network, on its device and in evaluation mode."""
    device = next(network.parameters()).device
    return ClassProbabilities(network, facts, views_of(settings)).to(device).eval()


def predict(
    network: nn.Module,
    settings: ImageClassificationSettings,
    facts: Mapping[str, Any],
    inputs: Sequence[ImageInput],
) -> list[Prediction | DataError]:
    """Classify images. A file or an array that cannot be used gets its error, in its place.

    Arrays are (height, width), (height, width, channels) or (channels, height, width).
    """
    model = answering(network, settings, facts)
    keep_pixels = len(inputs) <= MOST_WITH_PIXELS

    def answer(images: list[InputImage]) -> Iterator[Prediction]:
        with torch.inference_mode():
            pixels = torch.from_numpy(np.stack([image.pixels for image in images])).to(model.normalize.scale.device)
            probabilities = model(pixels).cpu()  # [batch, classes]
        return (
            rank_classes(row, facts["classes"], image.note, image.pixels if keep_pixels else None)
            for row, image in zip(probabilities, images, strict=True)
        )

    return answer_in_batches(inputs, lambda image: load_image(image, facts), answer, EVAL_BATCH_SIZE)


def rank_classes(
    probabilities: Float[Tensor, " classes"],
    classes: Sequence[str],
    note: str = "",
    pixels: UInt8[np.ndarray, "height width channels"] | None = None,
) -> Prediction:
    """Return the prediction of one image: the classes with their probabilities, the likeliest first."""
    order = probabilities.argsort(descending=True, stable=True).tolist()
    ranked = {classes[position]: float(probabilities[position]) for position in order}
    label = next(iter(ranked))
    return Prediction(label, ranked[label], ranked, note, pixels=pixels)
