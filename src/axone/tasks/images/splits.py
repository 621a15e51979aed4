"""From settings to pictures for training, validation and test, with what they teach that a network needs for ever.

Whatever is learned from pictures begins here, with labels or without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from axone.data.images.array import prepare_image
from axone.data.images.dataset import Subset
from axone.data.images.file import read_image
from axone.data.images.load import ImageData, load_images
from axone.data.images.report import describe, document
from axone.data.images.stream import Augment, ImageStream, ImageTransform, Mix
from axone.data.split import stratified_split
from axone.engine.context import BuildContext
from axone.messages import _
from axone.progress import count_progress
from axone.settings import Settings
from axone.tasks.images.settings import ImageDataSettings

CHECK_BATCH = 500  # measuring keeps no gradients, so batches can be larger than in training

Statistics = tuple[Sequence[float], Sequence[float]]  # mean and deviation of each channel, for pixels from 0 to 1


@dataclass(frozen=True)
class Splits:
    """Pictures, divided, and what was found in them."""

    settings: Settings
    train: Subset
    validation: Subset
    test: Subset
    facts: dict[str, Any]  # classes, input, mean, std, samples, source, fingerprint
    notes: list[str]  # sentences on the data
    report: dict[str, Any]  # data_report.json

    def stream(self, *, augment: Augment | None = None, mix: Mix | None = None, **options: Any) -> ImageStream:
        """Return the training batches, augmented, normalized and mixed; `options` as `ImageStream` takes them."""
        return ImageStream(
            self.train, batch_size=self.settings.batch_size, seed=self.settings.seed,
            transform=ImageTransform(self.facts["mean"], self.facts["std"], augment, mix),
            drop_last=True,  # a small last batch would be a noisy step, and another shape for the norms
            **options,
        )  # fmt: skip

    def measured(self, part: Subset) -> ImageStream | None:
        """Return the batches of a part to measure on, in its own order; None where it has no pictures."""
        if not len(part):
            return None
        normalization = ImageTransform(self.facts["mean"], self.facts["std"])
        return ImageStream(part, batch_size=CHECK_BATCH, shuffle=False, transform=normalization)


def read_parts(
    settings: ImageDataSettings, context: BuildContext, *, statistics: Statistics | None = None, labeled: bool = True
) -> Splits:
    """Read the pictures that `settings.data` names, and hold some out to check progress on.

    `statistics` are the mean and standard deviation of each channel by which pictures are normalized; None: those
    of the training pictures. Not `labeled`: a folder may hold pictures without any class. Raises DataError,
    ResourceError.
    """
    size, known = settings.image_size or None, context.facts
    source, progress = context.source(settings.data), count_progress(context.progress, _("loading the data"))
    images = load_images(source, size=size, seed=settings.seed, labeled=labeled, progress=progress)
    if known is not None:  # the weights of a run await these data, perhaps other ones: as it saw its own
        statistics = known["mean"], known["std"]
        channels, height, width = known["input"]
        if images.train.shape != (height, width, channels):
            images = load_images(
                source, size=height, channels=channels, seed=settings.seed, labeled=labeled, progress=progress
            )
    return divide(settings, images, statistics)


def divide(settings: Settings, images: ImageData, statistics: Statistics | None = None) -> Splits:
    """Hold out a share of the training pictures to check progress on; `statistics` as in `read_parts`."""
    block, kept, checked = images.train.dataset, images.train.indices, images.validation
    if settings.limit:
        order = torch.randperm(len(kept), generator=torch.Generator().manual_seed(settings.seed))
        kept = kept[order[: settings.limit]]
    if checked is None:  # the data bring no validation part of their own
        inside, outside = stratified_split(block.labels[kept], settings.validation, settings.seed)
        kept, checked = kept[inside], Subset(block, kept[outside])
    train, test = Subset(block, kept), images.test
    height, width, channels = train.shape
    mean, std = for_channels(statistics, channels) if statistics else block.mean_and_std(kept)
    facts = {
        "classes": list(images.classes),
        "input": [channels, height, width],
        "mean": list(mean),
        "std": list(std),
        "samples": {"train": len(train), "validation": len(checked), "test": len(test)},
        "source": images.source,
        "fingerprint": fingerprint(train, test),
    }
    report = document(images, {"train": train, "validation": checked, "test": test})
    return Splits(settings, train, checked, test, facts, describe(images), report)


def for_channels(statistics: Statistics, channels: int) -> Statistics:
    """Return the statistics for pictures of so many channels: as they are, else their mean for each channel."""
    mean, std = statistics
    if channels == len(mean):
        return statistics
    return [sum(mean) / len(mean)] * channels, [sum(std) / len(std)] * channels


def fingerprint(*parts: Subset) -> str:
    """Return a sha256 over the data themselves: a resumed run must find what it was trained on."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(str((len(part), *part.shape)).encode())
        digest.update(part.labels.numpy().data)
        digest.update(part.dataset.hashes[part.indices.numpy()].data)
    return digest.hexdigest()


def pixels_of(
    given: str | Path | np.ndarray | Tensor, facts: Mapping[str, Any]
) -> UInt8[np.ndarray, "height width channels"]:
    """Return a file's or an array's picture as the network takes it: its size and channels. Raises DataError."""
    if isinstance(given, str | Path):
        channels, height, width = facts["input"]
        return read_image(given, size=(height, width), channels=channels)
    return prepare_image(given, facts)
