"""Read images for restoration at their own size, alone or in pairs, and split them.

Images are never resized, because that would change their noise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int64
from PIL import Image
from torch import Tensor

from axone.data.datasets.registry import DATASETS
from axone.data.images.decode.file import to_input
from axone.data.images.in_memory.collection import collect_images
from axone.data.images.load import load_images
from axone.data.images.report import MAX_STORED, build_report, describe_skipped
from axone.data.images.restoration.collection import ImageCollection
from axone.data.images.restoration.full_size import FullSizeImages, read_full_size
from axone.data.images.scale.scale import Scale
from axone.data.paths import printable_path
from axone.data.split import stratified_split
from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.messages import _
from axone.tasks.images.known_classes import describe_measured
from axone.tasks.images.splits import requested_scale
from axone.tasks.restoration.settings import RestorationSettings

SPLITS = ("train", "validation", "test")
TEST_SHARE = 0.15  # of a folder without a test split

Indices = Int64[Tensor, " _"]  # of images in a collection


@dataclass(frozen=True)
class RestorationSource:
    """Images by split, and what is known about them.

    `clean` and `noisy` are the collections that hold the images of each split; `indices` says which ones these are.
    """

    clean: dict[str, ImageCollection]
    noisy: dict[str, ImageCollection]  # empty unless the data are pairs
    indices: dict[str, Indices]
    name: str
    notes: list[str]
    report: dict[str, Any]
    scale: Scale | None = None  # by which values of more than 8 bits became bytes

    def fingerprint(self) -> str:
        """Return a sha256 of all images and of the splits: a resumed run must find the data it was trained on."""
        collections = {id(each): each for each in (*self.clean.values(), *self.noisy.values())}
        digest = hashlib.sha256("".join(each.fingerprint() for each in collections.values()).encode())
        for indices in self.indices.values():
            digest.update(indices.numpy().data)
        return digest.hexdigest()


def read_source(settings: RestorationSettings, context: BuildContext) -> RestorationSource:
    """Read a known dataset, images in memory, a folder, or a pair of folders, and hold out the missing splits.

    Raises DataError, ResourceError.
    """
    data = context.source(settings.data)
    is_folder = isinstance(data, str) and data != "" and data not in DATASETS
    if settings.noisy and not is_folder:
        raise DataError(
            _("--noisy needs --data to be a folder, not '{name}'.", name=settings.data),
            hint=_("type: --data clean/ --noisy noisy/"),
        )
    if settings.noisy or (is_folder and Path(data).expanduser().exists()):
        source = _read_folder(settings, context)
    elif not isinstance(data, str):
        source = _read_in_memory(data, settings, context)
    else:
        source = _read_named(data, settings, context)  # raises DataError for a path that does not exist
    if not context.whole:
        return _hold_out(source, settings)
    everything = torch.cat([source.indices[split] for split in source.indices]).sort().values
    context.notify(describe_measured(len(everything), source.name))
    indices = {"train": everything, "validation": everything[:0], "test": everything}
    return replace(source, indices=indices)


def _channels(context: BuildContext) -> int | None:
    """Return the channels that a restored run expects; None lets the data decide."""
    return None if context.facts is None else int(context.facts["input"][0])


def _read_named(data: str, settings: RestorationSettings, context: BuildContext) -> RestorationSource:
    progress = context.progress
    images = load_images(
        data,
        channels=_channels(context),
        seed=settings.seed,
        labeled=False,
        whole=context.whole,
        progress=progress,
    )
    subsets = {"train": images.train, "test": images.test}
    train, test = (ImageCollection.from_dataset(subset.dataset) for subset in subsets.values())
    if not len(images.test):  # the test set will be held out of the training images
        test = train
    return RestorationSource(
        clean={"train": train, "validation": train, "test": test},
        noisy={},
        indices={name: subset.indices for name, subset in subsets.items()},
        name=images.source,
        notes=[
            _("{name}: {source}.", name=images.name, source=images.source),
            _("Images of {height} x {width} pixels.", height=images.train.shape[0], width=images.train.shape[1]),
            *images.notes,
        ],
        report=build_report(images, subsets),
    )


def _read_in_memory(data: Any, settings: RestorationSettings, context: BuildContext) -> RestorationSource:
    """Return images in memory at their own sizes."""
    images = collect_images(data, labeled=False, scale=requested_scale(settings, context.facts))
    channels = _channels(context) or max(image.shape[2] for image in images.images)
    pixels = [
        to_input(Image.fromarray(image.squeeze(2) if image.shape[2] == 1 else image), channels=channels)
        for image in images.images
    ]
    collection = ImageCollection.stack(pixels, [f"#{number}" for number in range(len(pixels))])
    name, count = _("from Python"), len(pixels)
    return RestorationSource(
        clean=dict.fromkeys(SPLITS, collection),
        noisy={},
        indices={"train": torch.arange(count)},
        name=name,
        notes=[_("{name}: {source}.", name=_("images"), source=name), *images.notes],
        report={
            "version": 1,
            "name": _("images"),
            "source": name,
            "channels": channels,
            "splits": {"train": {"images": count}},
            "notes": list(images.notes),
            "skipped_count": 0,
            "skipped": [],
        },
        scale=images.scale,
    )


def _read_folder(settings: RestorationSettings, context: BuildContext) -> RestorationSource:
    root = Path(settings.data).expanduser()
    partner = Path(settings.noisy).expanduser() if settings.noisy else None
    progress = context.progress
    images = read_full_size(
        root,
        partner,
        channels=_channels(context),
        scale=requested_scale(settings, context.facts),
        whole=context.whole,
        progress=progress,
    )
    name = _("the folder {path}", path=printable_path(root.resolve()))
    return RestorationSource(
        clean=dict.fromkeys(SPLITS, images.clean),
        noisy=dict.fromkeys(SPLITS, images.noisy) if images.noisy else {},
        indices=images.splits,
        name=name,
        notes=_describe_folder(images, root, name),
        report={
            "version": 1,
            "name": printable_path(root.resolve().name),
            "source": name,
            "channels": images.clean.channels,
            "splits": {split: {"images": len(indices)} for split, indices in images.splits.items()},
            "notes": images.notes,
            "skipped_count": len(images.skipped),
            "skipped": [
                {"file": printable_path(path), "reason": reason} for path, reason in images.skipped[:MAX_STORED]
            ],
        },
        scale=images.scale,
    )


def _describe_folder(images: FullSizeImages, root: Path, name: str) -> list[str]:
    notes = [_("{name}: {source}.", name=printable_path(root.resolve().name), source=name)]
    heights, widths = images.clean.heights, images.clean.widths
    areas = heights * widths
    small, large = (f"{int(widths[k])} x {int(heights[k])}" for k in (areas.argmin(), areas.argmax()))
    if small != large:
        notes.append(_("The files have from {small} to {large} pixels.", small=small, large=large))
    return [*notes, *images.notes, *describe_skipped(images.skipped)]


def _hold_out(source: RestorationSource, settings: RestorationSettings) -> RestorationSource:
    """Hold out a test set and a validation set where the data have none."""
    return RestorationSource(**{**vars(source), "indices": split_images(source.indices, settings)})


def split_images(indices: Mapping[str, Indices], settings: RestorationSettings) -> dict[str, Indices]:
    """Return the images of each split: those of the data, or else a random share of the training images."""
    none = torch.zeros(0, dtype=torch.int64)
    train, validation, test = (indices.get(split, none) for split in SPLITS)

    def hold_out(share: float) -> tuple[Tensor, Tensor]:
        remaining, held_out = stratified_split(torch.zeros(len(train), dtype=torch.int64), share, settings.seed)
        return train[remaining], train[held_out]

    if not len(test):
        train, test = hold_out(TEST_SHARE)
    if settings.limit:
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(settings.seed))
        train = train[order[: settings.limit]]
    if not len(validation):
        train, validation = hold_out(settings.validation)
    return {"train": train, "validation": validation, "test": test}
