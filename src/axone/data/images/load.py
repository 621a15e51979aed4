"""Labeled images, from a named set or from a folder of the user's own, decoded once.

`load_images` is the door; what comes out is complete: pixels, labels, classes, and everything that a
person should be told before training on them (`ImageData.notes`, `ImageData.skipped`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from axone.data.images.duplicates import describe_duplicates, find_duplicates
from axone.data.images.file import printable_path, resize_and_crop
from axone.data.images.folder import ImageFolder, read_folder
from axone.data.split import stratified_split
from axone.errors import DataError, closest
from axone.messages import _, plural

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ImageData:
    """A whole data set of images, ready to train on."""

    name: str
    source: str  # where it came from, for people
    classes: tuple[str, ...]
    train: Subset
    test: Subset
    validation: Subset | None = None  # only when the folder has one of its own
    notes: tuple[str, ...] = ()  # sentences a person should read before training
    skipped: tuple[tuple[Path, str], ...] = ()  # files that were not used, each with the reason
    sizes: tuple[tuple[int, int], ...] = ()  # width and height of the smallest and of the largest file
    location: DatasetLocation | None = None  # of a named set


@dataclass(frozen=True)
class InMemoryImages:
    """Pictures that are handed over in Python: bytes, and the class of each."""

    pixels: UInt8[np.ndarray, "samples height width channels"]
    labels: Int64[np.ndarray, " samples"]
    classes: tuple[str, ...]


def load_images(
    source: Any = "",
    *,
    size: int | None = None,
    channels: int | None = None,
    test_share: float = 0.15,
    seed: int = 0,
    progress: Progress | None = None,
    download: bool = True,
    labeled: bool = True,
) -> ImageData:
    """Load a known set by name ("" is fashion-mnist) or a folder by path (./NAME if it bears a set's name).

    `size` (side in pixels) and `channels` (1 or 3) change what the data have by themselves; pictures are
    resized so as to cover the square and cut to its middle. A folder is decoded once and kept in the cache
    (`packing.py`): its second start reads no picture. A folder without a test part gives up
    `test_share` of each class as its test set, drawn by `seed`. `progress(done, total)` counts bytes of a
    download, or pictures of a folder. Not `labeled`: the folder may hold pictures without any class.
    Raises DataError or ResourceError with what to do.
    """
    if not isinstance(source, str):
        return _handed(source, size, channels)
    if source == "" or source in DATASETS:
        return _known(DATASETS[source or "fashion-mnist"], size, channels, progress, download)
    root = Path(source).expanduser()
    if not root.exists():
        near = closest(source, DATASETS)
        raise DataError(
            _("There is no folder '{path}' and no known data set of that name.", path=printable_path(source))
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("expected a folder, or one of: {choices}", choices=", ".join(DATASETS)),
        )
    found = read_folder(root, size=size, channels=channels, progress=progress, labeled=labeled)
    return _folder(root, found, test_share, seed)


def _known(
    known: DatasetSpec, size: int | None, channels: int | None, progress: Progress | None, download: bool
) -> ImageData:
    place = ensure_local(known, progress, download)
    assert place.folder is not None
    halves = []
    for half in ("train", "t10k"):
        pixels = read_idx(place.folder / f"{half}-images-idx3-ubyte.gz", 3)
        labels = read_idx(place.folder / f"{half}-labels-idx1-ubyte.gz", 1)
        if len(pixels) != len(labels) or labels.max(initial=0) >= len(known.classes):
            raise DataError(_("The files in '{folder}' do not belong together.", folder=place.folder))
        # The same code as for files, so that a picture meets the network alike in training and use.
        if (size or pixels.shape[1]) != pixels.shape[1] or channels not in (None, 1):
            pixels = np.stack([resize_and_crop(Image.fromarray(one), size=size, channels=channels) for one in pixels])
        tensor = torch.from_numpy(pixels.reshape(*pixels.shape[:3], -1))
        halves.append(Subset.all(ImageDataset.from_pixels(tensor, torch.from_numpy(labels.astype(np.int64)))))
    train, test = halves
    where = {
        "cache": _("the whole set, from {folder}", folder=place.folder),
        "system": _("the whole set, from {folder}", folder=place.folder),
        "subset": _("a part of the set, carried by Axone"),
    }[place.kind]
    notes = (*place.notes, *describe_duplicates(find_duplicates({"train": train, "test": test}), known.classes))
    return ImageData(known.name, where, known.classes, train, test, None, notes, location=place)


def _handed(given: object, size: int | None, channels: int | None) -> ImageData:
    if not isinstance(given, InMemoryImages):
        raise DataError(_("A {kind} holds no pictures with their classes.", kind=type(given).__name__))
    pixels = given.pixels
    if (size or pixels.shape[1]) != pixels.shape[1] or (channels or pixels.shape[3]) != pixels.shape[3]:
        squeezed = (one[..., 0] if one.shape[-1] == 1 else one for one in pixels)
        pixels = np.stack([resize_and_crop(Image.fromarray(one), size=size, channels=channels) for one in squeezed])
        pixels = pixels.reshape(*pixels.shape[:3], -1)
    whole = ImageDataset.from_pixels(torch.from_numpy(np.ascontiguousarray(pixels)), torch.from_numpy(given.labels))
    nothing = torch.zeros(0, dtype=torch.int64)
    return ImageData(_("pictures"), _("from Python"), given.classes, Subset.all(whole), Subset(whole, nothing))


def _folder(root: Path, found: ImageFolder, test_share: float, seed: int) -> ImageData:
    parts = {part: Subset(found.dataset, members) for part, members in found.splits.items()}
    notes = list(found.notes)
    if not len(parts.get("test", ())):  # no folder for it, or an empty one
        whole = parts["train"]
        kept, held_out = stratified_split(whole.labels, test_share, seed)
        counts = torch.bincount(whole.labels, minlength=len(found.classes))
        single = [found.classes[number] for number in (counts == 1).nonzero().flatten().tolist()]
        parts["train"] = Subset(found.dataset, whole.indices[kept])
        parts["test"] = Subset(found.dataset, whole.indices[held_out])
        notes.append(
            plural(
                "There is no test folder: {count} image was held out of training to test on (seed {seed}).",
                "There is no test folder: {count} images were held out of training to test on (seed {seed}).",
                len(held_out),
                seed=seed,
            )
        )
        if single:
            notes.append(_("With a single image, and so never tested: {names}.", names=", ".join(single)))
    notes += describe_duplicates(find_duplicates(parts), found.classes)
    validation = parts.get("validation")
    if validation is not None and not len(validation):
        validation = None
    return ImageData(
        printable_path(root.resolve().name),
        _("the folder {path}", path=printable_path(root.resolve())),
        found.classes,
        parts["train"],
        parts["test"],
        validation,
        tuple(notes),
        tuple(found.skipped),
        tuple(found.sizes),
    )
