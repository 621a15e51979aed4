"""Read the images of a folder at their own sizes, alone or in pairs with those of a second folder.

Nothing is resized, because that would change the noise that is to be learned. An image that is larger than its share
of the memory is cropped to its middle.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from axone.data.images.cache.value_range import find_scale
from axone.data.images.decode.file import Header, ImageError, read_header, read_scaled_image
from axone.data.images.folders.listing import Listing, list_folder
from axone.data.images.restoration.collection import ImageCollection
from axone.data.images.restoration.partners import find_partners, list_some
from axone.data.images.scale.notes import describe_scale
from axone.data.images.scale.scale import Scale, ScaleChoice
from axone.data.images.scale.units import Scaling
from axone.data.memory import max_bytes_read
from axone.data.paths import printable_path
from axone.data.skipped import check_skipped
from axone.errors import DataError
from axone.messages import _, plural
from axone.progress import Progress, ignore_progress

READERS = 8  # threads; Pillow decodes without Python's lock
AHEAD = 2 * READERS  # files that are decoded before they are cropped: they may be large

Pixels = UInt8[np.ndarray, "height width channels"]
Result = TypeVar("Result")


@dataclass(frozen=True)
class FullSizeImages:
    """The images of a folder, and those of its partner in the same order.

    Args:
        clean: The images.
        noisy: Their noisy partners, where there is a second folder.
        splits: The indices of "train" and perhaps "validation" and "test".
        notes: Sentences for people.
        skipped: The files that cannot be used, with the reason.
        scale: The scale by which values of more than 8 bits became bytes; None: there are none.
    """

    clean: ImageCollection
    noisy: ImageCollection | None
    splits: dict[str, Int64[Tensor, " subset"]]
    notes: list[str]
    skipped: list[tuple[Path, str]]
    scale: Scale | None = None


@dataclass
class _Decoded:
    """What was decoded of groups of files: an image, or an image and its partner."""

    images: dict[int, list[Pixels]] = field(default_factory=dict)  # number of the group -> its images
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    unequal: dict[int, str] = field(default_factory=dict)  # number of a group -> its different sizes
    cropped: int = 0
    outside: float = 0.0  # the sum, over all images, of the fraction of values that the scale clipped


def read_full_size(
    root: Path,
    partner: Path | None = None,
    *,
    channels: int | None = None,
    scale: Scale | ScaleChoice = "auto",
    whole: bool = False,
    progress: Progress = ignore_progress,
) -> FullSizeImages:
    """Read the images of a folder: `root/*`, `root/CLASS/*` or `root/{train,val,test}/...`, without their classes.

    Args:
        root: The folder.
        partner: A folder of noisy images with the same names (except for the ending) and sizes.
        channels: 1 or 3; None: 1 when all images are gray, else 3.
        scale: The scale of images of more than 8 bits, or how it is chosen; both folders have the same.
        whole: As in `list_folder`.
        progress: Counts images.

    Raises:
        DataError: A folder is missing, empty or does not match, or more than 5 % of its files cannot be used.
        ResourceError: A folder or a file may not be read.
    """
    listing = list_folder(root, labeled=False, whole=whole)
    groups = [[root / file.name] for file in listing.files]
    if partner is not None:
        partners = find_partners(listing, list_folder(partner, labeled=False, whole=whole))
        groups = [[*group, other] for group, other in zip(groups, partners)]
    headers = [header for group in _read_each(groups, read_header) for header in group if isinstance(header, Header)]
    depth = channels or max((header.channels for header in headers), default=1)
    max_pixels = max_bytes_read() // (depth * max(1, len(headers)))  # of an image, so that all of them fit
    above_8_bits = sum(header.above_8_bits for header in headers)
    folder_scale = None
    if above_8_bits and scale == "auto":
        folder_scale = find_scale([path for group in groups for path in group], progress)
        scale = folder_scale.scale
    used = scale if isinstance(scale, Scale) else None
    decoded = _decode(groups, depth, used, max_pixels, progress)
    check_skipped(root, decoded.skipped, len(groups))
    _require_equal_sizes(listing, decoded.unequal)
    files = [listing.files[number] for number in decoded.images]
    splits = {split: [i for i, file in enumerate(files) if file.split == split] for split in listing.splits}
    if not any(splits.values()) or (not whole and not splits["train"]):
        raise DataError(_("No image in '{path}' can be used.", path=printable_path(root)))
    notes = list(listing.notes)
    if used and above_8_bits:
        levels, not_finite = folder_scale[1:] if folder_scale else (None, 0)
        outside = decoded.outside / above_8_bits
        byte_images = len(headers) - above_8_bits
        notes += describe_scale(used, levels, outside, not_finite=not_finite, byte_images=byte_images)
    if decoded.cropped:
        notes.append(
            plural(
                "{count} image does not fit into memory: {pixels} million pixels of its middle are used.",
                "{count} images do not fit into memory: {pixels} million pixels of their middles are used.",
                decoded.cropped,
                pixels=f"{max_pixels / 1e6:.1f}",
            )
        )
    names = [printable_path(file.name) for file in files]
    clean, *noisy = (
        ImageCollection.stack([group[place] for group in decoded.images.values()], names)
        for place in range(len(groups[0]))
    )
    return FullSizeImages(
        clean,
        noisy[0] if noisy else None,
        {split: torch.tensor(indices, dtype=torch.int64) for split, indices in splits.items()},
        notes,
        decoded.skipped,
        used if above_8_bits else None,
    )


def _decode(
    groups: Sequence[Sequence[Path]], channels: int, scale: Scale | None, max_pixels: int, progress: Progress
) -> _Decoded:
    """Decode all groups of files; crop images larger than `max_pixels`. A group with an unusable file is skipped."""
    decoded = _Decoded()

    def read(path: Path) -> tuple[Pixels, Scaling]:
        return read_scaled_image(path, channels=channels, scale=scale)

    for number, group in enumerate(_read_each(groups, read)):
        errors = [(path, error.reason) for path, error in zip(groups[number], group) if isinstance(error, ImageError)]
        images = [image[0] for image in group if not isinstance(image, ImageError)]
        decoded.outside += sum(image[1].outside for image in group if not isinstance(image, ImageError))
        if errors:
            decoded.skipped.append(errors[0])
        else:
            sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in images]
            if len(set(sizes)) > 1:
                decoded.unequal[number] = " / ".join(sizes)
            decoded.cropped += images[0][..., 0].size > max_pixels
            decoded.images[number] = [_crop_middle(image, max_pixels) for image in images]
        progress(_("reading images"), number + 1, len(groups))
    return decoded


def _read_each(groups: Sequence[Sequence[Path]], read: Callable[[Path], Result]) -> Iterator[list[Result | ImageError]]:
    """Read every file of every group, several at a time; an unusable file gives its error."""

    def attempt(path: Path) -> Result | ImageError:
        try:
            return read(path)
        except ImageError as error:
            return error

    with ThreadPoolExecutor(READERS) as pool:
        for start in range(0, len(groups), AHEAD):  # few images are decoded and not yet cropped
            yield from pool.map(lambda group: [attempt(path) for path in group], groups[start : start + AHEAD])


def _require_equal_sizes(listing: Listing, unequal: dict[int, str]) -> None:
    if unequal:
        raise DataError(
            plural(
                "{count} pair has two different sizes: {names}.",
                "{count} pairs have two different sizes: {names}.",
                len(unequal),
                names=list_some([f"{listing.files[number].name} ({sizes})" for number, sizes in unequal.items()]),
            ),
            expected=_("expected both images of a pair to have the same size in pixels"),
        )


def _crop_middle(image: Pixels, max_pixels: int) -> UInt8[np.ndarray, "rows columns channels"]:
    """Return at most `max_pixels` pixels of the middle of an image, with its proportions."""
    height, width, _channels = image.shape
    scale = math.sqrt(max_pixels / (height * width))
    if scale >= 1:
        return image
    rows, columns = (max(1, int(length * scale)) for length in (height, width))
    top, left = (height - rows) // 2, (width - columns) // 2
    return image[top : top + rows, left : left + columns].copy()
