"""The data of a denoiser: batches of noisy and clean patches, from clean images or from pairs of images.

Images that are not larger than `image_size` are used whole; square patches are cropped from larger ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from axone.data.images.restoration.noise import Noise
from axone.data.images.restoration.patches import PatchStream
from axone.engine.context import BuildContext
from axone.messages import _
from axone.numbers import format_number
from axone.tasks.images.completion import describe_choices
from axone.tasks.restoration.settings import RestorationSettings
from axone.tasks.restoration.source import RestorationSource, read_source

MIN_PATCH_SIDE = 16  # SSIM needs 11 pixels; smaller images are extended by reflection
EPOCH_PIXELS = 40_000_000  # of an epoch of patches, at least
EVALUATION_BATCH_PIXELS = 400_000
EVALUATION_PIXELS = 8_000_000  # of an evaluation, at most


@dataclass(frozen=True)
class NoisyData:
    """Streams of `NoisyBatch`, and the facts, notes and report of the data."""

    train: PatchStream
    validation: PatchStream | None
    test: PatchStream | None
    facts: dict[str, Any]
    notes: list[str]
    report: dict[str, Any]


def read_noisy_data(settings: RestorationSettings, context: BuildContext) -> NoisyData:
    """Read the images that the settings name, and add noise to them unless they are pairs.

    Raises DataError, ResourceError.
    """
    source = read_source(settings, context)
    collection, indices = source.clean["train"], source.indices
    shorter_sides = torch.minimum(collection.heights, collection.widths)[indices["train"]]
    side = max(MIN_PATCH_SIDE, min(settings.image_size, int(shorter_sides.median())))
    area = side * side
    noise = Noise(settings.noise, settings.noise_level[0], settings.noise_level[-1])

    def stream(split: str, **options: Any) -> PatchStream:
        corruption = source.noisy.get(split, noise)
        return PatchStream(source.clean[split], indices[split], corruption, side=side, seed=settings.seed, **options)

    def evaluation_stream(split: str) -> PatchStream | None:
        if not len(indices[split]):
            return None
        batch_size = max(1, EVALUATION_BATCH_PIXELS // area)
        return stream(split, batch_size=batch_size, evaluation=split, max_patches=EVALUATION_PIXELS // area)

    train = stream("train", batch_size=settings.batch_size, min_patches=settings.patches or EPOCH_PIXELS // area)
    return NoisyData(
        train=train,
        validation=evaluation_stream("validation"),
        test=evaluation_stream("test"),
        facts={
            "task": "restoration",
            "input": [collection.channels, side, side],
            **({"scale": source.scale.to_facts()} if source.scale else {}),
            "samples": {split: len(some) for split, some in indices.items()},
            "source": source.name,
            "fingerprint": source.fingerprint(),
        },
        notes=[*source.notes, *_describe_use(train, source, settings)],
        report=source.report,
    )


def _describe_use(train: PatchStream, source: RestorationSource, settings: RestorationSettings) -> list[str]:
    """Say how the images are used: splits, patches, noise."""
    counts = {split: format_number(len(indices)) for split, indices in source.indices.items()}
    notes = [_("{train} images for training, {validation} for validation, {test} for testing.", **counts)]
    if not len(source.indices["validation"]):
        notes.append(_("There are too few images to hold any out: the training images are used for validation."))
    if not train.whole_images:
        notes.append(
            _("Patches of {side} x {side} pixels are cropped from them, {count} per epoch.",
              side=train.side, count=format_number(train.patches))
        )  # fmt: skip
    if settings.noisy:
        notes.append(_("The noise is that of the pairs: --noise and --noise-level are not used."))
    else:
        kinds = ", ".join(_(kind) for kind in settings.noise)
        low, high = settings.noise_level[0], settings.noise_level[-1]
        levels = f"{low:g}" if low == high else _("{low} to {high}", low=f"{low:g}", high=f"{high:g}")
        notes.append(_("Random noise at each step: {kinds}, level {levels}.", kinds=kinds, levels=levels))
    return notes + describe_choices(settings, len(source.indices["train"]))
