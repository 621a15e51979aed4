"""Read a folder of pictures, whose names `image_listing` has found, into one block, by way of its pack.

A file that cannot be used is skipped with its reason; too many of them, and the folder is refused, because
what is left may no longer be what the user meant.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.images.cache.build import SMALLEST_SIDE, Progress, ensure_cache
from axone.data.images.cache.format import SUMS, DamagedCacheError, ImageCache
from axone.data.images.dataset import ImageDataset
from axone.data.images.file import printable_path
from axone.data.images.listing import Listing, list_folder
from axone.data.memory import free_memory
from axone.errors import DataError
from axone.messages import _, plural

MOST_BAD = 0.05  # share of unusable files from which on the folder is refused
READ_AT_ONCE = 1_000_000_000  # bytes: smaller packs are read into memory and verified, larger ones mapped
MOST_MEMORY = 0.4  # share of the free memory that pictures may fill
NARROW = 8  # times longer than wide: worth a note


@dataclass
class ImageFolder:
    """The decoded pictures of a folder."""

    classes: tuple[str, ...]
    dataset: ImageDataset  # a row for each file listed, those that cannot be used included
    splits: dict[str, Int64[Tensor, " members"]]  # "train" and perhaps "validation", "test": indices of usable ones
    notes: list[str]
    skipped: list[tuple[Path, str]]
    sizes: list[tuple[int, int]]  # width and height of the smallest and of the largest file, in pixels


def read_folder(
    root: Path,
    *,
    size: int | None = None,
    channels: int | None = None,
    progress: Progress | None = None,
    labeled: bool = True,
) -> ImageFolder:
    """Read every picture of a folder at one size and number of channels (None: see `obtain_pack`).

    `progress(done, total)` counts decoded pictures; `labeled` as in `list_folder`. Raises as `list_folder` and
    `obtain_pack` do, and DataError when more than 5 % of the files cannot be used or a class has none left.
    """
    listing = list_folder(root, labeled)
    pack = ensure_cache(listing, size, channels, progress)
    skipped = [(root / listing.files[row].name, reason) for row, reason in pack.skipped.items()]
    refuse_if_many(root, skipped, len(listing.files))
    usable = torch.from_numpy(pack.table["usable"].copy())
    labels = torch.tensor([file.label for file in listing.files], dtype=torch.int64)
    places = {part: number for number, part in enumerate(listing.splits)}
    part_of = torch.tensor([places[file.part] for file in listing.files], dtype=torch.int64)
    parts = {part: (usable & (part_of == number)).nonzero().flatten() for part, number in places.items()}
    _refuse_if_class_is_gone(listing, labels[parts["train"]])
    if pack.pixels_path.stat().st_size <= most_bytes():
        try:
            pixels, inspect = pack.read(), None
        except DamagedCacheError:
            with suppress(OSError):
                (pack.folder / SUMS).unlink()  # no longer taken for a whole one
            pack = ensure_cache(listing, size, channels, progress)
            pixels, inspect = pack.read(), None
    else:
        pixels, inspect = pack.mapped(), pack.inspect

    def name(row: int) -> str:
        return printable_path(listing.files[row].name)

    block = ImageDataset(pixels, labels, pack.table["hash"], pack.table["statistics"], name, inspect)
    return ImageFolder(listing.classes, block, parts, listing.notes + _notes_on(pack), skipped, _sizes(pack))


def most_bytes() -> int:
    """Return how many bytes of pictures may be read into memory."""
    free = free_memory()
    return READ_AT_ONCE if free is None else min(READ_AT_ONCE, int(MOST_MEMORY * free))


def refuse_if_many(root: Path, skipped: list[tuple[Path, str]], total: int) -> None:
    """Raise DataError, with the first reasons, when more than 5 % of a folder's files were skipped."""
    if len(skipped) > MOST_BAD * total:
        some = "\n".join(f"  {printable_path(path)}: {reason}" for path, reason in skipped[:5])
        more = f"\n  ... {len(skipped) - 5} more" if len(skipped) > 5 else ""
        raise DataError(
            _(
                "{bad} of the {total} files in '{path}' cannot be used; more than {limit} % is too many:",
                bad=len(skipped),
                total=total,
                path=printable_path(root),
                limit=round(100 * MOST_BAD),
            )
            + f"\n{some}{more}",
            hint=_("Mend or delete these files."),
        )


def _refuse_if_class_is_gone(listing: Listing, trained: Int64[Tensor, " samples"]) -> None:
    left = set(trained.unique().tolist())
    gone = [name for number, name in enumerate(listing.classes) if number not in left]
    if gone:
        raise DataError(
            _("No training picture of these classes can be used: {names}.", names=", ".join(gone)),
            hint=_("Mend the pictures, or delete the class folders."),
        )


def _sizes(pack: ImageCache) -> list[tuple[int, int]]:
    table = pack.table[pack.table["usable"]]
    area = table["width"].astype(np.int64) * table["height"]
    chosen = (int(area.argmin()), int(area.argmax()))
    return [(int(table["width"][row]), int(table["height"][row])) for row in chosen]


def _notes_on(pack: ImageCache) -> list[str]:
    table = pack.table[pack.table["usable"]]
    shorter, longer = np.minimum(table["width"], table["height"]), np.maximum(table["width"], table["height"])
    notes = []
    if frames := int(table["frames"].sum()):
        notes.append(
            plural(
                "{count} file has several frames or pages; the first is used.",
                "{count} files have several frames or pages; the first is used.",
                frames,
            )
        )
    if narrow := int((longer > NARROW * shorter).sum()):
        notes.append(
            plural(
                "{count} picture is very long and narrow; only its middle is used.",
                "{count} pictures are very long and narrow; only their middles are used.",
                narrow,
            )
        )
    if small := int((shorter < SMALLEST_SIDE).sum()):
        notes.append(
            plural(
                "{count} picture is smaller than {side} pixels and was enlarged.",
                "{count} pictures are smaller than {side} pixels and were enlarged.",
                small,
                side=SMALLEST_SIDE,
            )
        )
    return notes
