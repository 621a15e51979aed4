"""Read a folder of pictures, whose names `image_listing` has found, into one block of memory.

First every header is read (which settles the common size), then every picture is decoded, several at a time.
A file that cannot be used is skipped with its reason; too many of them, and the folder is refused, because
what is left may no longer be what the user meant.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from axone.data.image_file import Header, ImageError, read_header, read_image, shown
from axone.data.image_listing import Listing, list_folder
from axone.errors import DataError, ResourceError
from axone.messages import _, plural

MOST_BAD = 0.05  # share of unusable files from which on the folder is refused
SMALLEST_SIDE, LARGEST_SIDE = 8, 224  # of the common size, when the user names none
NARROW = 8  # times longer than wide: worth a note
_WORKERS = min(4, os.cpu_count() or 1)  # each may hold a picture of 40 million pixels

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Progress = Callable[[int, int], None]


@dataclass
class Folder:
    """The decoded pictures of a folder."""

    classes: tuple[str, ...]
    parts: dict[str, tuple[UInt8[Tensor, "samples height width channels"], Int64[Tensor, " samples"]]]
    notes: list[str]
    skipped: list[tuple[Path, str]]


def read_folder(
    root: Path, *, size: int | None = None, channels: int | None = None, progress: Progress | None = None
) -> Folder:
    """Read every picture of a folder at one size and number of channels.

    `size` None: the median of the shorter sides, between 8 and 224. `channels` None: 1 when all are grey,
    else 3. `progress(done, total)` counts decoded pictures. Raises as `list_folder` does, and DataError when
    more than 5 % of the files cannot be used or a class has none left.
    """
    listing = list_folder(root)
    files = [(path, label, part) for part, members in listing.parts.items() for path, label in members]
    skipped: list[tuple[Path, str]] = []

    headers = list(_each(lambda file: _try(read_header, file[0]), files))
    skipped += [(file[0], header) for file, header in zip(files, headers) if isinstance(header, str)]
    _refuse_if_many(root, skipped, len(files))
    good = [(file, header) for file, header in zip(files, headers) if not isinstance(header, str)]
    files = [file for file, _header in good]
    found = [header for _file, header in good]
    shorter = [min(header.width, header.height) for header in found] or [SMALLEST_SIDE]
    side = size or min(max(round(statistics.median(shorter)), SMALLEST_SIDE), LARGEST_SIDE)
    depth = channels or max((header.channels for header in found), default=1)

    pixels = _allocate(len(files), side, depth)
    target = pixels.numpy()

    def decode(place: int) -> str | None:
        picture = _try(lambda path: read_image(path, size=side, channels=depth), files[place][0])
        if isinstance(picture, str):
            return picture
        target[place] = picture
        return None

    kept = []
    for place, reason in enumerate(_each(decode, range(len(files)))):
        if reason is None:
            kept.append(place)
        else:
            skipped.append((files[place][0], reason))
        if progress:
            progress(place + 1, len(files))
    _refuse_if_many(root, skipped, len(headers))
    _refuse_if_class_is_gone(listing, {files[place][1] for place in kept if files[place][2] == "train"})

    parts = {}
    for part in listing.parts:
        places = torch.tensor([place for place in kept if files[place][2] == part], dtype=torch.int64)
        labels = torch.tensor([files[place][1] for place in places.tolist()], dtype=torch.int64)
        # The usual case, one part and nothing skipped, needs no second copy of the pixels.
        parts[part] = (pixels if len(places) == len(pixels) else pixels.index_select(0, places), labels)
    notes = listing.notes + _notes_on(found)
    return Folder(listing.classes, parts, notes, skipped)


def _try(read: Callable[[Path], Answer], path: Path) -> Answer | str:
    try:
        return read(path)
    except ImageError as error:
        return error.reason


def _each(function: Callable[[Item], Answer], items: Sequence[Item]) -> Iterator[Answer]:
    """Apply a function to each, several at once (Pillow decodes without Python's lock), answers in order."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        try:
            yield from pool.map(function, items)
        except BaseException:  # Ctrl-C above all: do not finish the queue first
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _allocate(count: int, side: int, depth: int) -> UInt8[Tensor, "count side side depth"]:
    needed = count * side * side * depth
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        memory = None
    try:
        if memory and needed > 0.8 * memory:
            raise MemoryError
        return torch.empty(count, side, side, depth, dtype=torch.uint8)
    except (MemoryError, RuntimeError):
        raise ResourceError(
            _(
                "{count} pictures of {side} x {side} pixels need {needed} GB of memory.",
                count=count,
                side=side,
                needed=f"{needed / 1e9:.1f}",
            ),
            hint=_("Make them smaller, or use fewer."),
        ) from None


def _refuse_if_many(root: Path, skipped: list[tuple[Path, str]], total: int) -> None:
    if len(skipped) > MOST_BAD * total:
        some = "\n".join(f"  {shown(path)}: {reason}" for path, reason in skipped[:5])
        more = f"\n  ... {len(skipped) - 5} more" if len(skipped) > 5 else ""
        raise DataError(
            _(
                "{bad} of the {total} files in '{path}' cannot be used; more than {limit} % is too many:",
                bad=len(skipped),
                total=total,
                path=shown(root),
                limit=round(100 * MOST_BAD),
            )
            + f"\n{some}{more}",
            hint=_("Mend or delete these files."),
        )


def _refuse_if_class_is_gone(listing: Listing, left: set[int]) -> None:
    gone = [name for number, name in enumerate(listing.classes) if number not in left]
    if gone:
        raise DataError(
            _("No training picture of these classes can be used: {names}.", names=", ".join(gone)),
            hint=_("Mend the pictures, or delete the class folders."),
        )


def _notes_on(headers: list[Header]) -> list[str]:
    notes = []
    frames = sum(header.frames for header in headers)
    if frames:
        notes.append(
            plural(
                "{count} file has several frames or pages; the first is used.",
                "{count} files have several frames or pages; the first is used.",
                frames,
            )
        )
    narrow = sum(max(h.width, h.height) > NARROW * min(h.width, h.height) for h in headers)
    if narrow:
        notes.append(
            plural(
                "{count} picture is very long and narrow; only its middle is used.",
                "{count} pictures are very long and narrow; only their middles are used.",
                narrow,
            )
        )
    small = sum(min(header.width, header.height) < SMALLEST_SIDE for header in headers)
    if small:
        notes.append(
            plural(
                "{count} picture is smaller than {side} pixels and was enlarged.",
                "{count} pictures are smaller than {side} pixels and were enlarged.",
                small,
                side=SMALLEST_SIDE,
            )
        )
    return notes
