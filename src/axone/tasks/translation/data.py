"""The images of two domains: two folders of the user's own, or edges detected in images and the images themselves.

With pairs, the images of a pair are files of the same name in both folders. If no target is named, the source domain
consists of the edges of the target images (see `data/images/edges.py`). Unless pairs are to be learned, the two
domains are then made from different halves of the training images, so that no pair is ever seen; the true
translations of held-out images are known all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.edges import detect_edges
from axone.data.images.load import ImageData, load_images
from axone.data.images.normalize import MINUS_ONE_TO_ONE
from axone.data.images.pairs import PairStream
from axone.data.images.stream import ImageStream, ImageTransform
from axone.data.random import make_generator, stable_seed
from axone.engine.context import BuildContext
from axone.errors import DataError, SettingsError
from axone.messages import _
from axone.numbers import format_number
from axone.tasks.images.settings import ImageDataSettings
from axone.tasks.images.splits import (
    EVAL_BATCH_SIZE,
    Splits,
    compute_fingerprint,
    make_splits,
    measure_all,
    requested_scale,
)
from axone.tasks.translation.pairing import match_pairs

SIDE_STEP = 4  # pixels: the generators halve the side of an image twice
SMALLEST_SIDE = 16  # pixels: about the side of a patch that the discriminators score


@dataclass(frozen=True)
class Domains:
    """Streams of pairs of images, one of each domain, and what is known about the images."""

    train: PairStream
    validation: PairStream | None
    test: PairStream | None
    facts: dict[str, Any]  # task, input, mean, std, has_targets, samples, source, fingerprint
    notes: list[str]
    report: dict[str, Any]


def read_domains(settings: ImageDataSettings, context: BuildContext, target: str, paired: bool) -> Domains:
    """Read the source images that `settings.data` names and the target images, at one size.

    Args:
        settings: The settings of the system.
        context: See `BuildContext`.
        target: A data set or a folder; empty: the images of `settings.data`, whose edges are the source.
        paired: Whether the training batches consist of pairs.

    Raises:
        DataError: Images are missing or unreadable, or no pair has a common name.
        SettingsError: `image_size` is not a multiple of 4, or too small.
    """
    if settings.image_size % SIDE_STEP or 0 < settings.image_size < SMALLEST_SIDE:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="image_size", value=settings.image_size),
            expected=_("expected a multiple of {step}, at least {least}", step=SIDE_STEP, least=SMALLEST_SIDE),
        )
    if not target:
        return _read_edges(settings, context, paired)
    sources = {"scale": context.source(settings.data), "target_scale": target}
    images = _read_at_one_size(settings, context, sources)
    source_splits, target_splits = (_split(settings, each, context) for each in images)
    notes = [_("Source images:"), *source_splits.notes, _("Target images:"), *target_splits.notes]
    if paired:
        source_splits, target_splits, unmatched = match_pairs(source_splits, target_splits)
        notes += unmatched
    return _make_streams(settings, source_splits, target_splits, notes, paired=paired, has_targets=paired)


def _read_edges(settings: ImageDataSettings, context: BuildContext, paired: bool) -> Domains:
    """Read the target images, and detect their edges as source images."""
    (images,) = _read_at_one_size(settings, context, {"target_scale": context.source(settings.data)})
    target_splits = _split(settings, images, context)
    source_train = target_train = target_splits.train
    notes = [*target_splits.notes, _("The source images are the edges of these images; both directions are learned.")]
    if not paired and len(source_train) > 1:
        order = torch.randperm(len(source_train), generator=make_generator("halves", settings.seed))
        first, second = (part.sort().values for part in order.chunk(2))
        source_train, target_train = (
            Subset(images.train.dataset, source_train.indices[half]) for half in (first, second)
        )
        notes.append(
            _("The training images of the two domains come from different halves of the data set: no pair is used.")
        )
    source_splits = replace(
        target_splits,
        facts={name: value for name, value in target_splits.facts.items() if name != "scale"},  # edges have 8 bits
        train=_detect_edges(source_train),
        validation=_detect_edges(target_splits.validation),
        test=_detect_edges(target_splits.test),
    )
    target_splits = replace(target_splits, train=target_train)
    return _make_streams(settings, source_splits, target_splits, notes, paired=paired, has_targets=True)


def _split(settings: ImageDataSettings, images: ImageData, context: BuildContext) -> Splits:
    if context.whole:
        return measure_all(settings, images, context, MINUS_ONE_TO_ONE)
    return make_splits(settings, images, MINUS_ONE_TO_ONE)


def _detect_edges(images: Subset) -> Subset:
    """Return the edges of images, in the same order."""
    return Subset.all(ImageDataset.from_pixels(detect_edges(images.pixels), images.labels))


def _read_at_one_size(
    settings: ImageDataSettings, context: BuildContext, sources: Mapping[str, Any]
) -> list[ImageData]:
    """Read each source at one size, a multiple of `SIDE_STEP`, and with one number of channels.

    `sources` maps the name that the scale of a source has in the facts to the source.
    """

    def read(name: str, size: int | None, channels: int | None) -> ImageData:
        return load_images(
            sources[name],
            whole=context.whole,
            size=size,
            channels=channels,
            fit=settings.fit,
            scale=requested_scale(settings, context.facts, name),
            seed=settings.seed,
            labeled=False,
            progress=context.progress,
        )

    if context.facts is not None:  # the restored weights need images like those of the run
        channels, side, _width = context.facts["input"]
        return [read(name, side, channels) for name in sources]
    images = [read(name, settings.image_size or None, None) for name in sources]
    channels = max(data.train.shape[2] for data in images)
    side = min(min(data.train.shape[:2]) for data in images)
    side = max(SMALLEST_SIDE, side - side % SIDE_STEP)
    return [
        data if data.train.shape == (side, side, channels) else read(name, side, channels)
        for name, data in zip(sources, images, strict=True)
    ]


def _make_streams(
    settings: ImageDataSettings, source: Splits, target: Splits, notes: list[str], *, paired: bool, has_targets: bool
) -> Domains:
    """Put both domains into streams. Unpaired, the target images have an order of their own."""
    for title, images in ((_("Source images:"), source.train), (_("Target images:"), target.train)):
        if not len(images):
            raise DataError(_("{title} no training image is left.", title=title))
    target_seed = settings.seed if paired else stable_seed("other side", settings.seed)
    target_settings = settings.model_copy(update={"seed": target_seed})
    facts = {
        "task": "translation",
        "input": source.facts["input"],
        "fit": settings.fit,
        **{name: part.facts["scale"] for name, part in (("scale", source), ("target_scale", target))
           if "scale" in part.facts},
        "mean": source.facts["mean"],
        "std": source.facts["std"],
        "has_targets": has_targets,
        "samples": {
            name: {"train": len(splits.train), "validation": len(splits.validation), "test": len(splits.test)}
            for name, splits in (("source", source), ("target", target))
        },
        "source": [source.facts["source"], target.facts["source"]],
        "fingerprint": compute_fingerprint(source.train, target.train, source.test, target.test),
    }  # fmt: skip
    counts = {name: format_number(count) for name, count in facts["samples"]["target"].items()}
    if paired:
        notes.append(_("{train} training, {validation} validation and {test} test pairs.", **counts))
    else:
        notes.append(
            _("Training images: {source} of the source domain, {target} of the target domain.",
              source=format_number(len(source.train)), target=counts["train"])
        )  # fmt: skip
    return Domains(
        PairStream(source.training_stream(), replace(target, settings=target_settings).training_stream()),
        _evaluation_stream(source.validation, target.validation, facts),
        _evaluation_stream(source.test, target.test, facts),
        facts,
        notes,
        {"version": 1, "source": source.report, "target": target.report},
    )


def _evaluation_stream(source: Subset, target: Subset, facts: dict[str, Any]) -> PairStream | None:
    """Return the batches of held-out images of both domains, or None if either has none."""
    if not len(source) or not len(target):
        return None
    normalization = ImageTransform(facts["mean"], facts["std"])
    return PairStream(
        *(ImageStream(images, batch_size=EVAL_BATCH_SIZE, shuffle=False, transform=normalization)
          for images in (source, target))
    )  # fmt: skip
