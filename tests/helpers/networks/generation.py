"""A small generator and an evaluator whose features are known, for tests of the metrics of generated images."""

from __future__ import annotations

import torch
from torch.nn import functional

from axone.data.images.dataset import ImageDataset, Subset
from axone.graph import Concatenate, Embedding, Flatten, Input, Linear, Model, Reshape
from axone.tasks.generation.evaluator import Evaluator, Features

LATENT = 6
CLASSES = ["a", "b", "c", "d"]


def make_generator(conditional: bool = True, side: int = 8) -> Model:
    """Return an untrained generator of gray images, in evaluation mode."""
    torch.manual_seed(1)
    noise, label = Input(LATENT), Input(1, dtype="int64")
    h = Concatenate()(noise, Flatten()(Embedding(len(CLASSES), LATENT)(label))) if conditional else noise
    image = Reshape((1, side, side))(Linear(side * side, activation="tanh")(h))
    return Model([noise, label] if conditional else [noise], image).eval()


class QuarterEvaluator(Evaluator):
    """An evaluator whose features are the brightness of each quarter; it predicts the brightest quarter."""

    def __init__(self) -> None:
        super().__init__("quarters", make_generator(), "", "", [0.0], [1.0], True)

    def extract(self, pixels: torch.Tensor) -> Features:
        """Return the mean of each quarter, and the index of the largest."""
        means = functional.adaptive_avg_pool2d(pixels.float().movedim(3, 1), 2).flatten(1)
        return Features(means, means.argmax(1))


def random_images(count: int, seed: int) -> Subset:
    """Return gray images of 8 x 8 random pixels, with the classes that the `QuarterEvaluator` predicts."""
    pixels = torch.randint(0, 256, (count, 8, 8, 1), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))
    return Subset.all(ImageDataset.from_pixels(pixels, QuarterEvaluator().extract(pixels).predictions))
