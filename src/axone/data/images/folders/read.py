"""Read a folder of images, as `listing` lists it, into one data set, through the cache of decoded images.

A file that cannot be used is skipped with its reason. With too many of them the folder is refused, because the rest
may no longer be what the user meant.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.images.cache.build import ensure_cache
from axone.data.images.cache.format import SUMS, DamagedCacheError, ImageCache
from axone.data.images.cache.shape import SMALLEST_SIDE
from axone.data.images.dataset import ImageDataset
from axone.data.images.decode.fit import Fit, Size, describe_fit
from axone.data.images.folders.listing import Listing, list_folder
from axone.data.images.scale.notes import describe_bytes, describe_scale
from axone.data.images.scale.scale import Scale, ScaleChoice
from axone.data.memory import max_bytes_read
from axone.data.paths import printable_path
from axone.data.skipped import check_skipped
from axone.errors import DataError
from axone.messages import _, plural
from axone.progress import Progress, ignore_progress


@dataclass
class ImageFolder:
    """The decoded images of a folder.

    Args:
        classes: The names of the classes.
        dataset: An image for each file of the listing, also for those that cannot be used.
        splits: The indices of usable images: "train" and perhaps "validation" and "test".
        notes: Sentences for people.
        skipped: The files that cannot be used, with the reason.
        sizes: Width and height of the smallest and of the largest file, in pixels.
        scale: The scale by which values of more than 8 bits became bytes; None: there are none.
        unseen: The classes that training lacks.
    """

    classes: tuple[str, ...]
    dataset: ImageDataset
    splits: dict[str, Int64[Tensor, " subset"]]
    notes: list[str]
    skipped: list[tuple[Path, str]]
    sizes: list[tuple[int, int]]
    scale: Scale | None = None
    unseen: tuple[str, ...] = ()


def read_folder(
    root: Path,
    *,
    size: Size | int | None = None,
    channels: int | None = None,
    fit: Fit = "crop",
    scale: Scale | ScaleChoice = "auto",
    labeled: bool = True,
    whole: bool = False,
    progress: Progress = ignore_progress,
) -> ImageFolder:
    """Read all images of a folder at one size and number of channels.

    Args:
        root: The folder.
        size: The side in pixels, or (height, width); None: see `ensure_cache`.
        channels: 1 or 3; None: see `ensure_cache`.
        fit: How images are resized, see `decode/fit.py`.
        scale: The scale of images of more than 8 bits, or how it is chosen.
        labeled: As in `list_folder`.
        whole: As in `list_folder`.
        progress: Counts decoded images.

    Raises:
        DataError: As `list_folder`; or more than 5 % of the files cannot be used, or all of a class.
        ResourceError: As `list_folder` and `ensure_cache`.
    """
    listing = list_folder(root, labeled, whole=whole)
    cache = ensure_cache(listing, size, channels, fit, scale, progress)
    skipped = [(root / listing.files[row].name, reason) for row, reason in cache.skipped.items()]
    check_skipped(root, skipped, len(listing.files))
    usable = torch.from_numpy(cache.table["usable"].copy())
    labels = torch.tensor([file.label for file in listing.files], dtype=torch.int64)
    numbers = {split: number for number, split in enumerate(listing.splits)}
    split_of = torch.tensor([numbers[file.split] for file in listing.files], dtype=torch.int64)
    splits = {split: (usable & (split_of == number)).nonzero().flatten() for split, number in numbers.items()}
    if not whole:
        _require_all_classes(listing, labels[splits["train"]])
    if cache.pixels_path.stat().st_size <= max_bytes_read():
        try:
            pixels, verify = cache.read(), None
        except DamagedCacheError:
            with suppress(OSError):
                (cache.folder / SUMS).unlink()  # marks the cache as incomplete
            cache = ensure_cache(listing, size, channels, fit, scale, progress)
            pixels, verify = cache.read(), None
    else:
        pixels, verify = cache.map_pixels(), cache.verify

    def name(row: int) -> str:
        return printable_path(listing.files[row].name)

    dataset = ImageDataset(pixels, labels, cache.table["hash"], cache.table["statistics"], name, verify)
    notes, sizes, found_scale = listing.notes + _write_notes(cache), _sizes(cache), _scale(cache)
    return ImageFolder(listing.classes, dataset, splits, notes, skipped, sizes, found_scale, listing.unseen)


def _require_all_classes(listing: Listing, training_labels: Int64[Tensor, " samples"]) -> None:
    present = set(training_labels.unique().tolist())
    absent = [
        name for number, name in enumerate(listing.classes) if number not in present and name not in listing.unseen
    ]
    if absent:
        raise DataError(
            _("No training image of these classes can be used: {names}.", names=", ".join(absent)),
            hint=_("Repair the images, or delete the class folders."),
        )


def _scale(cache: ImageCache) -> Scale | None:
    """Return the scale of a folder, with what is known of its images; None where all of them have 8 bits."""
    usable, above = cache.table["usable"], cache.table["above_8_bits"]
    if cache.scale is None or not above.any():
        return None
    return replace(cache.scale, has_bytes=cache.scale.has_bytes and bool((usable & ~above).any()))


def _sizes(cache: ImageCache) -> list[tuple[int, int]]:
    """Return width and height of the smallest and of the largest image."""
    table = cache.table[cache.table["usable"]]
    area = table["width"].astype(np.int64) * table["height"]
    chosen = (int(area.argmin()), int(area.argmax()))
    return [(int(table["width"][row]), int(table["height"][row])) for row in chosen]


def _write_notes(cache: ImageCache) -> list[str]:
    table = cache.table[cache.table["usable"]]
    shorter = np.minimum(table["width"], table["height"])
    notes = _describe_values(cache, table)
    notes += describe_fit(table["height"], table["width"], cache.shape[:2], cache.fit)
    if frames := int(table["frames"].sum()):
        notes.append(
            plural(
                "{count} file has several frames or pages; the first is used.",
                "{count} files have several frames or pages; the first is used.",
                frames,
            )
        )
    if reduced := int(table["is_reduced"].sum()):
        notes.append(
            plural(
                "{count} color image has 16 bits per channel: the 8 higher bits are read.",
                "{count} color images have 16 bits per channel: the 8 higher bits are read.",
                reduced,
            )
        )
    if small := int((shorter < SMALLEST_SIDE).sum()):
        notes.append(
            plural(
                "{count} image is smaller than {side} pixels and was enlarged.",
                "{count} images are smaller than {side} pixels and were enlarged.",
                small,
                side=SMALLEST_SIDE,
            )
        )
    return notes


def _describe_values(cache: ImageCache, table: np.ndarray) -> list[str]:
    """Say how the values of usable images became bytes."""
    above = table["above_8_bits"]
    if not above.any() and cache.scale is not None:
        return [_("--scale is not used: all images have 8 bits.")]
    if not above.any():
        return describe_bytes(int(table["lowest"].min()), int(table["highest"].max())) if len(table) else []
    if cache.scale is None:
        return [
            plural(
                "{count} image has more than 8 bits: its values are scaled to 0 ... 255 by their type.",
                "{count} images have more than 8 bits: their values are scaled to 0 ... 255 by their type.",
                int(above.sum()),
            )
        ]
    pixels = table["width"][above].astype(np.float64) * table["height"][above]
    outside = float((table["outside"][above] * pixels).sum() / pixels.sum())
    return describe_scale(
        cache.scale, cache.levels, outside, not_finite=cache.not_finite, byte_images=int((~above).sum())
    )
