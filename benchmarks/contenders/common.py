"""What all contenders share: the task, the data in the form each likes best, the network, the final measuring.

Everybody gets the same 60,000 images, the same normalization (mean and deviation of the training set), the
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
PARAMETERS = 225_034  # checked by every contender: nobody trains a smaller network


@dataclass(frozen=True)
class Task:
    """What one contender has to do in one process."""

    seed: int
    epochs: int
    threads: int
    limit: int = 0  # training images used; 0: all
    steps: int = 150  # measured by the floor, which needs no whole epoch

    @cached_property
    def data(self) -> ImageData:
        """Fashion-MNIST as Axone finds it: pixels (samples, 28, 28, 1) as bytes."""
        return load_images("fashion-mnist")

    @cached_property
    def train(self) -> tuple[Tensor, Tensor]:
        """Training pixels (samples, height, width, channels), bytes; labels."""
        images = self.data.train
        count = self.limit or len(images)
        return images.pixels[:count], images.labels[:count]

    @cached_property
    def mean_std(self) -> tuple[float, float]:
        """Mean and standard deviation of the training pixels, counted from 0 to 1."""
        images = self.data.train
        (mean,), (std,) = images.dataset.mean_and_std(images.indices[: self.limit or len(images)])
        return mean, std

    def floats(self, pixels: Tensor) -> Tensor:
        """Return normalized pixels (samples, channels, height, width), float32, in the plain layout."""
        mean, std = self.mean_std
        return pixels.permute(0, 3, 1, 2).contiguous().float().div_(255).sub_(mean).div_(std)


def network() -> nn.Sequential:
    """The course's network, as a PyTorch tutorial writes it."""
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
    right = 0
    with torch.inference_mode():
        for pixels, labels in zip(test.pixels.split(500), test.labels.split(500), strict=True):
            right += int((model(task.floats(pixels)).argmax(1) == labels).sum())
    return right / len(test)


def outcome(seconds: list[float], count: int, accuracy: float | None, images: int, **more: Any) -> dict[str, Any]:
    """Gather what a contender reports: seconds of each epoch, parameters, accuracy, images seen in an epoch."""
    if count != PARAMETERS:
        raise SystemExit(f"this network has {count} parameters, not {PARAMETERS}")
    return {"epoch_seconds": seconds, "accuracy": accuracy, "images": images, "parameters": count, **more}


class Stopwatch:
    """Collects the seconds of epochs, for libraries that call back at their beginning and end."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def begin(self, *_args: Any, **_kwargs: Any) -> None:
        """Note the time."""
        self.started = time.perf_counter()

    def end(self, *_args: Any, **_kwargs: Any) -> None:
        """Note how long it took."""
        self.seconds.append(time.perf_counter() - self.started)
