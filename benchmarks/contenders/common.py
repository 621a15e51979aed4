"""What all contenders share: the task, the data, the network, the final evaluation.

All contenders get the same 60,000 images, the same normalization (mean and deviation of the training set), the
same network of 225,034 parameters, Adam at 1e-3, batches of 128, and the same number of threads.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from axone.data.images.load import ImageData, load_images

BATCH = 128
RATE = 1e-3
PARAMETERS = 225_034  # checked by every contender: all train a network of the same size


@dataclass(frozen=True)
class Task:
    """The task of one contender in one process."""

    seed: int
    epochs: int
    threads: int
    limit: int = 0  # number of training images; 0: all
    steps: int = 150  # steps of the lower bound, which needs no whole epoch

    @cached_property
    def data(self) -> ImageData:
        """Fashion-MNIST: pixels (samples, 28, 28, 1) as bytes."""
        return load_images("fashion-mnist")

    @cached_property
    def train(self) -> tuple[Tensor, Tensor]:
        """Training pixels (samples, height, width, channels), bytes; labels."""
        images = self.data.train
        count = self.limit or len(images)
        return images.pixels[:count], images.labels[:count]

    @cached_property
    def mean_std(self) -> tuple[float, float]:
        """Mean and standard deviation of the training pixels, scaled from 0 to 1."""
        images = self.data.train
        (mean,), (std,) = images.dataset.mean_and_std(images.indices[: self.limit or len(images)])
        return mean, std

    def floats(self, pixels: Tensor) -> Tensor:
        """Return normalized pixels (samples, channels, height, width), float32, in the plain layout."""
        mean, std = self.mean_std
        return pixels.permute(0, 3, 1, 2).contiguous().float().div_(255).sub_(mean).div_(std)


def network() -> nn.Sequential:
    """Return the network of the course as a PyTorch tutorial writes it."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1600, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def parameters(model: nn.Module) -> int:
    """Count the parameters of a torch network."""
    return sum(parameter.numel() for parameter in model.parameters())


def accuracy(model: nn.Module, task: Task) -> float:
    """Measure a torch network on the 10,000 test images, in float32."""
    model.eval()
    test = task.data.test
    correct = 0
    with torch.inference_mode():
        for pixels, labels in zip(test.pixels.split(500), test.labels.split(500), strict=True):
            correct += int((model(task.floats(pixels)).argmax(1) == labels).sum())
    return correct / len(test)


def outcome(seconds: list[float], count: int, accuracy: float | None, images: int, **more: Any) -> dict[str, Any]:
    """Return the results of a contender: seconds of each epoch, parameters, accuracy, images per epoch."""
    if count != PARAMETERS:
        raise SystemExit(f"this network has {count} parameters, not {PARAMETERS}")
    return {"epoch_seconds": seconds, "accuracy": accuracy, "images": images, "parameters": count, **more}


class Stopwatch:
    """Collects the seconds of epochs, for libraries with callbacks at the start and the end of an epoch."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def begin(self, *_args: Any, **_kwargs: Any) -> None:
        """Start the clock."""
        self.started = time.perf_counter()

    def end(self, *_args: Any, **_kwargs: Any) -> None:
        """Stop it, and append the seconds."""
        self.seconds.append(time.perf_counter() - self.started)
