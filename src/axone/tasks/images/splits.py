"""From settings to images for training, validation and test, with the facts that a network needs at inference.

Every system that learns from images starts here, with class labels or without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from axone.data.images.dataset import Subset
from axone.data.images.decode.fit import Size
from axone.data.images.load import ImageData, load_images
from axone.data.images.report import build_report, describe, describe_skipped
from axone.data.images.scale.scale import Scale, ScaleChoice, parse_scale, read_scale
from axone.data.images.stream import Augment, ImageStream, ImageTransform, Mix
from axone.data.split import stratified_split
from axone.engine.context import BuildContext
from axone.settings import Settings
from axone.tasks.images.completion import describe_choices
from axone.tasks.images.known_classes import select_known
from axone.tasks.images.settings import ImageDataSettings, ImageScaleSettings

EVAL_BATCH_SIZE = 500  # evaluation stores no gradients, so batches can be larger than in training

Statistics = tuple[Sequence[float], Sequence[float]]  # mean and std of each channel, for pixels from 0 to 1


@dataclass(frozen=True)
class Splits:
    """Images of the training, validation and test set, and what is known of them."""

    settings: Settings
    train: Subset
    validation: Subset
    test: Subset
    facts: dict[str, Any]  # classes, input, mean, std, samples, source, fingerprint
    notes: list[str]  # sentences on the data
    report: dict[str, Any]  # the content of data_report.json
    unseen: tuple[str, ...] = ()  # classes that the training images lack

    def training_stream(self, *, augment: Augment | None = None, mix: Mix | None = None, **options: Any) -> ImageStream:
        """Return the training batches, augmented, normalized and mixed; `options` are those of `ImageStream`."""
        return ImageStream(
            self.train,
            batch_size=self.settings.batch_size,
            seed=self.settings.seed,
            transform=ImageTransform(self.facts["mean"], self.facts["std"], augment, mix),
            drop_last=True,  # a small last batch would be a noisy step, and another shape for batch norms
            **options,
        )

    def evaluation_stream(self, subset: Subset) -> ImageStream | None:
        """Return the batches of a subset in a fixed order; None where it has no images."""
        if not len(subset):
            return None
        normalization = ImageTransform(self.facts["mean"], self.facts["std"])
        return ImageStream(subset, batch_size=EVAL_BATCH_SIZE, shuffle=False, transform=normalization)


def read_splits(
    settings: ImageDataSettings, context: BuildContext, *, statistics: Statistics | None = None, labeled: bool = True
) -> Splits:
    """Read the images that `settings.data` names, and hold out a validation set.

    Args:
        settings: The name of the data, the size of the images, and the split.
        context: With the facts of a run, images are read as the run read its own: size, channels, normalization.
        statistics: The mean and standard deviation of each channel for normalization; None: of the training images.
        labeled: Whether each image needs a class; if not, a folder may contain images without class folders.

    Raises DataError, ResourceError.
    """
    size: Size | int | None = settings.image_size or None
    channels, fit = None, settings.fit
    if context.facts is not None:
        statistics = context.facts["mean"], context.facts["std"]
        channels, height, width = context.facts["input"]
        size, fit = (height, width), context.facts.get("fit", "crop")
    images = load_images(
        context.source(settings.data),
        size=size,
        channels=channels,
        fit=fit,
        scale=requested_scale(settings, context.facts),
        seed=settings.seed,
        labeled=labeled,
        whole=context.whole,
        progress=context.progress,
    )
    if context.whole:
        return measure_all(settings, images, context, statistics)
    return make_splits(settings, images, statistics)


def requested_scale(
    settings: ImageScaleSettings, facts: Mapping[str, Any] | None, name: str = "scale"
) -> Scale | ScaleChoice:
    """Return the scale of images of more than 8 bits: that of a restored run, that of the settings, or "auto".

    Args:
        settings: The settings, with `scale`.
        facts: The facts of a run that is restored; None for a new training.
        name: The name of the scale in the facts.

    Raises SettingsError.
    """
    if facts is not None:
        return read_scale(facts.get(name)) or "type"
    return parse_scale(settings.scale) or "auto"


def make_splits(settings: Settings, images: ImageData, statistics: Statistics | None = None) -> Splits:
    """Limit the training images, hold out a validation set where the data have none, and collect the facts.

    Args:
        settings: `limit`, `validation` (a share of the training images) and `seed`.
        images: The images as they were read.
        statistics: As in `read_splits`.
    """
    dataset, indices, validation = images.train.dataset, images.train.indices, images.validation
    if settings.limit:
        order = torch.randperm(len(indices), generator=torch.Generator().manual_seed(settings.seed))
        indices = indices[order[: settings.limit]]
    if validation is None:
        remaining, held_out = stratified_split(dataset.labels[indices], settings.validation, settings.seed)
        indices, validation = indices[remaining], Subset(dataset, indices[held_out])
    train, test = Subset(dataset, indices), images.test
    height, width, channels = train.shape
    mean, std = adapt_statistics(statistics, channels) if statistics else dataset.mean_and_std(indices)
    facts = {
        "classes": list(images.classes),
        "input": [channels, height, width],
        "fit": images.fit,
        **({"scale": images.scale.to_facts()} if images.scale else {}),
        "mean": list(mean),
        "std": list(std),
        "samples": {"train": len(train), "validation": len(validation), "test": len(test)},
        "source": images.source,
        "fingerprint": compute_fingerprint(train, test),
    }
    parts = {"train": train, "validation": validation, "test": test}
    notes, report = [*describe(images, parts), *describe_choices(settings, len(train))], build_report(images, parts)
    return Splits(settings, train, validation, test, facts, notes, report, images.unseen)


def measure_all(
    settings: Settings, images: ImageData, context: BuildContext, statistics: Statistics | None = None
) -> Splits:
    """Return all images as the test set of a run, with the classes of the run, and say what is measured.

    Args:
        settings: The settings of the run.
        images: Other images, all of them in `train`.
        context: With the facts of the run. Classes are matched by their names.
        statistics: As in `read_splits`.

    Raises DataError when the model knows the class of no image.
    """
    known: list[str] = list((context.facts or {}).get("classes", images.classes))
    selected = select_known(images, known)
    for note in (*images.notes, *describe_skipped(images.skipped), *selected.notes):
        context.notify(note)
    nothing = Subset(selected.images.dataset, selected.images.indices[:0])
    everything = replace(images, classes=tuple(known), train=selected.images, test=selected.images, validation=nothing)
    return make_splits(settings.model_copy(update={"limit": 0}), everything, statistics)


def adapt_statistics(statistics: Statistics, channels: int) -> Statistics:
    """Return statistics for a number of channels: unchanged where it agrees, else their mean for every channel."""
    mean, std = statistics
    if channels == len(mean):
        return statistics
    return [sum(mean) / len(mean)] * channels, [sum(std) / len(std)] * channels


def compute_fingerprint(*subsets: Subset) -> str:
    """Return a sha256 of images and labels, by which a resumed run recognizes the data on which it was trained."""
    digest = hashlib.sha256()
    for subset in subsets:
        digest.update(str((len(subset), *subset.shape)).encode())
        digest.update(subset.labels.numpy().data)
        digest.update(subset.dataset.hashes[subset.indices.numpy()].data)
    return digest.hexdigest()
