"""Read a folder's pictures whole, each at its own size, alone or in pairs with those of a second folder.

Nothing is resized: that would change the very noise that is to be learned. What does not fit into memory is cut: of
each picture that is larger than its share of the memory, the middle is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from axone.data.images.collection import ImageCollection
from axone.data.images.file import Header, ImageError, printable_path, read_header, read_image
from axone.data.images.folder import most_bytes, refuse_if_many
from axone.data.images.listing import Listing, list_folder
from axone.errors import DataError
from axone.messages import _, plural

READERS = 8  # threads: Pillow decodes outside Python's lock
AHEAD = 2 * READERS  # files decoded before what is decoded is cut: they may be large
MOST_NAMED = 5

Progress = Callable[[int, int], None]
Decoded = UInt8[np.ndarray, "height width channels"]
Found = TypeVar("Found")


@dataclass(frozen=True)
class FullSizeImages:
    """The pictures of a folder, and those of its partner where there is one, in the same order."""

    clean: ImageCollection
    noisy: ImageCollection | None
    splits: dict[str, Int64[Tensor, " members"]]  # "train" and perhaps "validation", "test"
    notes: list[str]
    skipped: list[tuple[Path, str]]


def read_full_size(
    root: Path, partner: Path | None = None, *, channels: int | None = None, progress: Progress | None = None
) -> FullSizeImages:
    """Read the pictures of a folder, `root/*`, `root/CLASS/*` or `root/{train,val,test}/...`; classes are not kept.

    `partner` holds noisy pictures of the same names (whatever their endings) and sizes. `channels` None: 1 when all
    are gray, else 3. `progress(done, total)` counts pictures. Raises DataError for folders that are missing, empty,
    do not match, or of which more than 5 % cannot be used; ResourceError for what may not be read.
    """
    listing = list_folder(root, labeled=False)
    files = [[root / file.name] for file in listing.files]
    if partner is not None:
        others = _partners(listing, list_folder(partner, labeled=False))
        files = [[*file, other] for file, other in zip(files, others)]
    headers = [header for group in _each(files, read_header) for header in group if isinstance(header, Header)]
    depth = channels or max((header.channels for header in headers), default=1)
    most = most_bytes() // (depth * max(1, len(headers)))  # pixels of a picture, so that all of them fit

    def decode(path: Path) -> Decoded:
        return read_image(path, channels=depth)

    groups: dict[int, list[Decoded]] = {}  # number of the file -> its picture, and its partner's
    skipped: list[tuple[Path, str]] = []
    different: list[str] = []
    cut = 0
    for number, group in enumerate(_each(files, decode)):
        bad = [(path, found.reason) for path, found in zip(files[number], group) if isinstance(found, ImageError)]
        pictures = [found for found in group if not isinstance(found, ImageError)]
        skipped += bad[:1]
        if not bad:
            sizes = [f"{picture.shape[1]} x {picture.shape[0]}" for picture in pictures]
            different += [f"{listing.files[number].name} ({' / '.join(sizes)})"] if len(set(sizes)) > 1 else []
            cut += pictures[0][..., 0].size > most
            groups[number] = [_middle(picture, most) for picture in pictures]
        if progress:
            progress(number + 1, len(files))
    refuse_if_many(root, skipped, len(files))
    _refuse_other_sizes(different)
    names = [printable_path(listing.files[number].name) for number in groups]
    parts = {part: [i for i, n in enumerate(groups) if listing.files[n].part == part] for part in listing.splits}
    if not parts["train"]:
        raise DataError(_("No picture in '{path}' can be used.", path=printable_path(root)))
    notes = list(listing.notes)
    if cut:
        notes.append(
            plural(
                "{count} picture does not fit into memory whole: {pixels} million pixels of its middle are used.",
                "{count} pictures do not fit into memory whole: {pixels} million pixels of their middles are used.",
                cut,
                pixels=f"{most / 1e6:.1f}",
            )
        )
    hung = [ImageCollection.stack([group[place] for group in groups.values()], names) for place in range(len(files[0]))]
    return FullSizeImages(
        hung[0],
        hung[1] if partner is not None else None,
        {part: torch.tensor(members, dtype=torch.int64) for part, members in parts.items()},
        notes,
        skipped,
    )


def _each(groups: Sequence[Sequence[Path]], read: Callable[[Path], Found]) -> Iterator[list[Found | ImageError]]:
    """Read every file of every group, several at a time; an unusable one is its error."""

    def attempt(path: Path) -> Found | ImageError:
        try:
            return read(path)
        except ImageError as error:
            return error

    with ThreadPoolExecutor(READERS) as pool:
        for start in range(0, len(groups), AHEAD):  # what is decoded whole and not yet cut stays little
            yield from pool.map(lambda group: [attempt(path) for path in group], groups[start : start + AHEAD])


def _partners(clean: Listing, noisy: Listing) -> list[Path]:
    """Return the noisy file of each clean one. Raises DataError where names do not match, one to one."""
    mine, theirs = ([_key(file.name) for file in each.files] for each in (clean, noisy))
    for listing, keys in ((clean, mine), (noisy, theirs)):
        if len(set(keys)) < len(keys):
            twice = sorted({key for key in keys if keys.count(key) > 1})
            raise DataError(
                _(
                    "'{path}' has two pictures of one name: {names}.",
                    path=printable_path(listing.root),
                    names=_some(twice),
                ),
                hint=_("Rename one of them: pairs are found by name, whatever the ending."),
            )
    if not set(mine) & set(theirs):
        raise DataError(
            _("No picture in '{clean}' has one of the same name in '{noisy}'.",
              clean=printable_path(clean.root), noisy=printable_path(noisy.root)),
            expected=_("expected pairs, as in clean/house.png and noisy/house.png"),
        )  # fmt: skip
    for one, other, missing in (
        (clean, noisy, sorted(set(mine) - set(theirs))),
        (noisy, clean, sorted(set(theirs) - set(mine))),
    ):
        if missing:
            raise DataError(
                plural(
                    "{count} picture in '{here}' has no partner in '{there}': {names}.",
                    "{count} pictures in '{here}' have no partners in '{there}': {names}.",
                    len(missing),
                    here=printable_path(one.root),
                    there=printable_path(other.root),
                    names=_some(missing),
                ),
                expected=_("expected pairs, as in clean/house.png and noisy/house.png"),
            )
    places = dict(zip(theirs, noisy.files))
    return [noisy.root / places[key].name for key in mine]


def _refuse_other_sizes(different: Sequence[str]) -> None:
    if different:
        raise DataError(
            plural(
                "{count} pair has two different sizes: {names}.",
                "{count} pairs have two different sizes: {names}.",
                len(different),
                names=_some(different),
            ),
            expected=_("expected both pictures of a pair to be of the same size, pixel for pixel"),
        )


def _key(name: str) -> str:
    folder, _slash, file = name.rpartition("/")
    return f"{folder}/{file.rpartition('.')[0] or file}"


def _some(names: Sequence[str]) -> str:
    listed = ", ".join(printable_path(name.lstrip("/")) for name in names[:MOST_NAMED])
    return listed + (", ..." if len(names) > MOST_NAMED else "")


def _middle(picture: Decoded, most: int) -> UInt8[np.ndarray, "rows columns channels"]:
    """Cut out of a picture's middle at most so many pixels, of the picture's shape."""
    height, width, _channels = picture.shape
    share = math.sqrt(most / (height * width))
    if share >= 1:
        return picture
    rows, columns = (max(1, int(length * share)) for length in (height, width))
    top, left = (height - rows) // 2, (width - columns) // 2
    return picture[top : top + rows, left : left + columns].copy()
