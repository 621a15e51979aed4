"""Load a data set of images with classes: one with a name, a folder, or images in memory. Each is decoded once.

`load_images` returns everything: pixels, labels, classes, and all that people should know before training
(`ImageData.notes`, `ImageData.skipped`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from PIL import Image

from axone.data.datasets.idx import read_idx
from axone.data.datasets.registry import DATASETS
from axone.data.datasets.store import DatasetLocation, DatasetSpec, ensure_local
from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.duplicates import Copies, describe_duplicates, find_copies, find_duplicates
from axone.data.images.file import printable_path, to_input
from axone.data.images.fit import Fit, Size, describe_fit
from axone.data.images.folder import ImageFolder, read_folder
from axone.data.split import stratified_split
from axone.errors import DataError, closest
from axone.messages import _, plural
from axone.progress import Progress, ignore_progress

DEFAULT = "fashion-mnist"


@dataclass(frozen=True)
class ImageData:
    """A data set of images, ready to train on.

    Args:
        name: What it is called.
        source: Where it came from, for people.
        classes: The names of the classes, in the order of their numbers.
        train: The training images.
        test: The test images.
        validation: The validation images, where a folder has its own.
        notes: Sentences for people to read before training.
        skipped: Files that were not used, each with the reason.
        sizes: Width and height of the smallest and of the largest file.
        location: Where a data set with a name is.
        copies: The images that occur more than once.
        fit: How they were resized.
    """

    name: str
    source: str
    classes: tuple[str, ...]
    train: Subset
    test: Subset
    validation: Subset | None = None
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[Path, str], ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    location: DatasetLocation | None = None
    copies: Copies = ()
    fit: Fit = "crop"


@dataclass(frozen=True)
class InMemoryImages:
    """Images in memory, as unsigned bytes, and the class of each."""

    pixels: UInt8[np.ndarray, "samples height width channels"]
    labels: Int64[np.ndarray, " samples"]
    classes: tuple[str, ...]


def load_images(
    source: Any = "",
    *,
    size: Size | int | None = None,
    channels: int | None = None,
    fit: Fit = "crop",
    test_fraction: float = 0.15,
    seed: int = 0,
    labeled: bool = True,
    progress: Progress = ignore_progress,
) -> ImageData:
    """Load a data set of images.

    A folder is decoded once and kept in the cache (`cache/`): its second start decodes nothing.

    Args:
        source: The name of a data set ("" is fashion-mnist), the path of a folder (./NAME where the name is that of a
            data set), or `InMemoryImages`.
        size: The side of the images in pixels, or (height, width). None: that of the data.
        channels: 1 (gray) or 3 (red, green, blue). None: that of the data.
        fit: How images are resized, see `fit.py`.
        test_fraction: The fraction of each class that becomes the test set of a folder without one.
        seed: The seed of that split.
        labeled: False: a folder may contain images without any class.
        progress: Counts the bytes of a download, or the images of a folder.

    Raises:
        DataError: There is no such source, or it cannot be used.
        ResourceError: It may not be read, or does not fit into memory or on the disk.
    """
    if not isinstance(source, str):
        return _load_in_memory(source, size, channels, fit)
    if source == "" or source in DATASETS:
        return _load_named(DATASETS[source or DEFAULT], size, channels, fit, progress)
    root = Path(source).expanduser()
    if not root.exists():
        near = closest(source, DATASETS)
        raise DataError(
            _("There is no folder '{path}' and no data set of that name.", path=printable_path(source))
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("expected a folder, or one of: {choices}", choices=", ".join(DATASETS)),
        )
    folder = read_folder(root, size=size, channels=channels, fit=fit, progress=progress, labeled=labeled)
    return replace(_split_folder(root, folder, test_fraction, seed), fit=fit)


def _load_named(
    spec: DatasetSpec, size: Size | int | None, channels: int | None, fit: Fit, progress: Progress
) -> ImageData:
    location = ensure_local(spec, progress)
    assert location.folder is not None
    progress(_("reading {name}", name=spec.name), 0, 0)
    halves = []
    for half in ("train", "t10k"):
        pixels = read_idx(location.folder / f"{half}-images-idx3-ubyte.gz", 3)
        labels = read_idx(location.folder / f"{half}-labels-idx1-ubyte.gz", 1)
        if len(pixels) != len(labels) or labels.max(initial=0) >= len(spec.classes):
            raise DataError(_("The files in '{folder}' do not belong together.", folder=location.folder))
        tensor = torch.from_numpy(_resize(pixels[..., None], size, channels, fit))
        halves.append(Subset.all(ImageDataset.from_pixels(tensor, torch.from_numpy(labels.astype(np.int64)))))
    train, test = halves
    source = {
        "cache": _("the complete data set, from {folder}", folder=location.folder),
        "system": _("the complete data set, from {folder}", folder=location.folder),
        "subset": _("a part of the data set, shipped with Axone"),
    }[location.kind]
    copies = find_copies([train, test])
    duplicates = find_duplicates(copies, {"train": train, "test": test})
    notes = (*location.notes, *describe_duplicates(duplicates, spec.classes))
    return ImageData(
        spec.name, source, spec.classes, train, test, notes=notes, location=location, copies=copies, fit=fit
    )  # fmt: skip


def _load_in_memory(source: object, size: Size | int | None, channels: int | None, fit: Fit) -> ImageData:
    if not isinstance(source, InMemoryImages):
        raise DataError(_("A {kind} does not contain images with their classes.", kind=type(source).__name__))
    _samples, height, width, _channels = source.pixels.shape
    pixels = torch.from_numpy(np.ascontiguousarray(_resize(source.pixels, size, channels, fit)))
    dataset = ImageDataset.from_pixels(pixels, torch.from_numpy(source.labels))
    train, test = Subset.all(dataset), Subset(dataset, torch.zeros(0, dtype=torch.int64))
    heights, widths = (np.full(len(pixels), side) for side in (height, width))
    notes = describe_fit(heights, widths, (pixels.shape[1], pixels.shape[2]), fit)
    return ImageData(
        _("images"), _("from Python"), source.classes, train, test, notes=tuple(notes), copies=find_copies([train]),
        fit=fit,
    )  # fmt: skip


def _resize(
    pixels: UInt8[np.ndarray, "samples height width channels"], size: Size | int | None, channels: int | None, fit: Fit
) -> UInt8[np.ndarray, "samples new_height new_width new_channels"]:
    """Return images at a size and number of channels, by the function that also reads files."""
    _samples, height, width, depth = pixels.shape
    size = (size, size) if isinstance(size, int) else size
    if size in (None, (height, width)) and channels in (None, depth):
        return pixels
    images = (Image.fromarray(image[..., 0] if depth == 1 else image) for image in pixels)
    return np.stack([to_input(image, size=size, channels=channels, fit=fit) for image in images])


def _split_folder(root: Path, folder: ImageFolder, test_fraction: float, seed: int) -> ImageData:
    """Return the images of a folder; hold out a test set where the folder has none."""
    splits = {split: Subset(folder.dataset, indices) for split, indices in folder.splits.items()}
    notes = list(folder.notes)
    if not len(splits.get("test", ())):  # no folder for it, or an empty one
        everything = splits["train"]
        remaining, held_out = stratified_split(everything.labels, test_fraction, seed)
        splits["train"] = Subset(folder.dataset, everything.indices[remaining])
        splits["test"] = Subset(folder.dataset, everything.indices[held_out])
        notes.append(
            plural(
                "There is no test folder: {count} image was held out of training to test on (seed {seed}).",
                "There is no test folder: {count} images were held out of training to test on (seed {seed}).",
                len(held_out),
                seed=seed,
            )
        )
        counts = torch.bincount(everything.labels, minlength=len(folder.classes))
        if single := [folder.classes[label] for label in (counts == 1).nonzero().flatten().tolist()]:
            notes.append(_("Not tested, because they have a single image: {names}.", names=", ".join(single)))
    copies = find_copies(splits.values())
    notes += describe_duplicates(find_duplicates(copies, splits), folder.classes)
    validation = splits.get("validation")
    return ImageData(
        printable_path(root.resolve().name),
        _("the folder {path}", path=printable_path(root.resolve())),
        folder.classes,
        splits["train"],
        splits["test"],
        validation if validation is not None and len(validation) else None,
        tuple(notes),
        tuple(folder.skipped),
        tuple(folder.sizes),
        copies=copies,
    )
