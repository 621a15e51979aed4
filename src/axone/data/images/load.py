"""Load a data set of images with classes: one with a name, a folder, or images in memory. Each is decoded once.

`load_images` returns everything: pixels, labels, classes, and all that people should know before training
(`ImageData.notes`, `ImageData.skipped`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image

from axone.data.datasets.idx import read_idx
from axone.data.datasets.registry import DATASETS
from axone.data.datasets.store import DatasetLocation, DatasetSpec, ensure_local
from axone.data.images.cache.shape import LARGEST_SIDE, infer_shape
from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.decode.file import Header, to_input
from axone.data.images.decode.fit import Fit, Size, describe_fit
from axone.data.images.duplicates import Copies, describe_duplicates, find_copies, find_duplicates
from axone.data.images.folders.read import ImageFolder, read_folder
from axone.data.images.in_memory.collection import Images, InMemoryImages, collect_images
from axone.data.images.scale.scale import Scale, ScaleChoice
from axone.data.paths import printable_path
from axone.data.split import stratified_split
from axone.errors import DataError, closest
from axone.messages import _, plural
from axone.progress import Progress, ignore_progress

DEFAULT = "fashion-mnist"
TEST_FRACTION = 0.15  # of each class, held out of a folder that has no test images


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
        unseen: Classes of the test or validation images that training lacks, as the faults of anomaly detection.
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
    scale: Scale | None = None
    unseen: tuple[str, ...] = ()


def load_images(
    source: Any = "",
    *,
    size: Size | int | None = None,
    channels: int | None = None,
    fit: Fit = "crop",
    scale: Scale | ScaleChoice = "auto",
    test_fraction: float = TEST_FRACTION,
    seed: int = 0,
    labeled: bool = True,
    whole: bool = False,
    progress: Progress = ignore_progress,
) -> ImageData:
    """Load a data set of images.

    A folder is decoded once and kept in the cache (`cache/`): its second start decodes nothing.

    Args:
        source: The name of a data set ("" is fashion-mnist), the path of a folder (./NAME where the name is that of a
            data set), or images in memory, see `collect_images`.
        size: The side of the images in pixels, or (height, width). None: that of the data.
        channels: 1 (gray) or 3 (red, green, blue). None: that of the data.
        fit: How images are resized, see `decode/fit.py`.
        scale: The scale of images of more than 8 bits, or how it is chosen.
        test_fraction: The fraction of each class that becomes the test set of data without one.
        seed: The seed of that split.
        labeled: False: a folder may contain images without any class.
        whole: Whether all of it will be evaluated, whatever its division: all images are then in `train`, and `test` is
            empty. See `list_folder` for folders.
        progress: Counts the bytes of a download, or the images of a folder.

    Raises:
        DataError: There is no such source, or it cannot be used.
        ResourceError: It may not be read, or does not fit into memory or on the disk.
    """
    if not isinstance(source, str):
        in_memory = collect_images(source, labeled=labeled and not whole, scale=scale)
        return _load_in_memory(in_memory, size, channels, fit, 0.0 if whole else test_fraction, seed)
    if source == "" or source in DATASETS:
        images = _load_named(DATASETS[source or DEFAULT], size, channels, fit, progress)
        return merge_splits(images) if whole else images
    root = Path(source).expanduser()
    if not root.exists():
        near = closest(source, DATASETS)
        raise DataError(
            _("There is no folder '{path}' and no data set of that name.", path=printable_path(source))
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("expected a folder, or one of: {choices}", choices=", ".join(DATASETS)),
        )
    folder = read_folder(
        root, size=size, channels=channels, fit=fit, scale=scale, labeled=labeled, whole=whole, progress=progress
    )
    images = _split_folder(root, folder, 0.0 if whole else test_fraction, seed)
    images = replace(images, fit=fit, scale=folder.scale)
    return merge_splits(images) if whole else images


def merge_splits(images: ImageData) -> ImageData:
    """Return a data set whose training images are all of its images."""
    splits = [images.train, images.test, *([images.validation] if images.validation else [])]
    datasets = {id(split.dataset): split.dataset for split in splits if len(split)}
    if len(datasets) == 1:
        (dataset,) = datasets.values()
        indices = torch.cat([split.indices for split in splits]).sort().values
    else:
        dataset = ImageDataset.from_pixels(
            torch.cat([split.pixels for split in splits]), torch.cat([split.labels for split in splits])
        )
        indices = torch.arange(len(dataset.labels))
    return replace(images, train=Subset(dataset, indices), test=Subset(dataset, indices[:0]), validation=None)


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


def _load_in_memory(
    images: InMemoryImages, size: Size | int | None, channels: int | None, fit: Fit, test_fraction: float, seed: int
) -> ImageData:
    sizes = np.array([image.shape[:2] for image in images.images])
    pixels = _join(images.images, size, channels, fit)
    dataset = ImageDataset.from_pixels(torch.from_numpy(np.ascontiguousarray(pixels)), torch.from_numpy(images.labels))
    height, width = pixels.shape[1:3]
    splits, notes = {"train": Subset.all(dataset)}, list(images.notes)
    notes += describe_fit(sizes[:, 0], sizes[:, 1], (height, width), fit)
    if images.is_whole and test_fraction:
        notes += _hold_out(splits, images.classes, test_fraction, seed)
    copies = find_copies(splits.values())
    notes += describe_duplicates(find_duplicates(copies, splits), images.classes) if images.is_whole else []
    none = Subset(dataset, torch.zeros(0, dtype=torch.int64))
    areas = sizes.prod(1)
    return ImageData(
        _("images"),
        _("from Python"),
        images.classes,
        splits["train"],
        splits.get("test", none),
        notes=tuple(notes),
        sizes=tuple((int(sizes[row, 1]), int(sizes[row, 0])) for row in (areas.argmin(), areas.argmax())),
        copies=copies,
        fit=fit,
        scale=images.scale,
    )


def _join(
    images: Images, size: Size | int | None, channels: int | None, fit: Fit
) -> UInt8[np.ndarray, "samples new_height new_width new_channels"]:
    """Return images at one size; those of several sizes, and large ones, at the size that files would have."""
    if isinstance(images, np.ndarray) and (size or max(images.shape[1:3]) <= LARGEST_SIDE):
        return _resize(images, size, channels, fit)
    headers = [Header(image.shape[1], image.shape[0], image.shape[2], False) for image in images]
    height, width, depth = infer_shape(headers, size, channels)
    return np.concatenate([_resize(image[None], (height, width), depth, fit) for image in images])


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
    if not splits:
        raise DataError(_("No image in '{path}' can be used.", path=printable_path(root)))
    splits.setdefault("train", Subset(folder.dataset, torch.zeros(0, dtype=torch.int64)))
    if not len(splits.get("test", ())) and test_fraction:  # no folder for it, or an empty one
        notes += _hold_out(splits, folder.classes, test_fraction, seed)
    copies = find_copies(splits.values())
    notes += describe_duplicates(find_duplicates(copies, splits), folder.classes)
    validation = splits.get("validation")
    return ImageData(
        printable_path(root.resolve().name),
        _("the folder {path}", path=printable_path(root.resolve())),
        folder.classes,
        splits["train"],
        splits.get("test", Subset(folder.dataset, torch.zeros(0, dtype=torch.int64))),
        validation if validation is not None and len(validation) else None,
        tuple(notes),
        tuple(folder.skipped),
        tuple(folder.sizes),
        copies=copies,
        unseen=folder.unseen,
    )


def _hold_out(splits: dict[str, Subset], classes: Sequence[str], test_fraction: float, seed: int) -> list[str]:
    """Move a part of the training images to a test set; return sentences about it."""
    everything = splits["train"]
    remaining, held_out = stratified_split(everything.labels, test_fraction, seed)
    splits["train"], splits["test"] = (
        Subset(everything.dataset, everything.indices[part]) for part in (remaining, held_out)
    )
    notes = [
        plural(
            "There is no test set: {count} image was held out of training to test on (seed {seed}).",
            "There is no test set: {count} images were held out of training to test on (seed {seed}).",
            len(held_out),
            seed=seed,
        )
    ]
    counts = torch.bincount(everything.labels, minlength=len(classes))
    if single := [classes[label] for label in (counts == 1).nonzero().flatten().tolist()]:
        notes.append(_("Not tested, because they have a single image: {names}.", names=", ".join(single)))
    return notes
