"""Labelled images, from a named set or from a folder of the user's own, decoded once into memory.

`load_images` is the door; what comes out is complete: pixels, labels, classes, and everything that a
person should be told before training on them (`ImageData.notes`, `ImageData.skipped`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from PIL import Image
from torch import Tensor

from axone.data.idx import read_idx
from axone.data.image_file import fit, shown
from axone.data.image_folder import read_folder
from axone.data.known import KNOWN
from axone.data.split import split
from axone.data.store import Known, Place, obtain
from axone.errors import DataError, closest
from axone.messages import _, plural

Progress = Callable[[int, int], None]

# Who wants to see bytes of a download, or pictures of a folder, arrive: set around the building of an experiment,
# because a system's `build` knows nothing of the display.
watching: ContextVar[Progress | None] = ContextVar("watching", default=None)


@dataclass(frozen=True)
class Images:
    """Images and what they show."""

    pixels: UInt8[Tensor, "samples height width channels"]  # contiguous: channels last in memory
    labels: Int64[Tensor, " samples"]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)


@dataclass(frozen=True)
class ImageData:
    """A whole data set of images, ready to train on."""

    name: str
    source: str  # where it came from, for people
    classes: tuple[str, ...]
    train: Images
    test: Images
    validation: Images | None = None  # only when the folder has one of its own
    notes: tuple[str, ...] = ()  # sentences a person should read before training
    skipped: tuple[tuple[Path, str], ...] = ()  # files that were not used, each with the reason
    place: Place | None = None  # of a named set


def load_images(
    source: str = "",
    *,
    size: int | None = None,
    channels: int | None = None,
    test_share: float = 0.15,
    seed: int = 0,
    progress: Progress | None = None,
    download: bool = True,
) -> ImageData:
    """Load a known set by name ("" is fashion-mnist) or a folder by path (./NAME if it bears a set's name).

    `size` (side in pixels) and `channels` (1 or 3) change what the data have by themselves; pictures are
    resized so as to cover the square and cut to its middle. A folder without a test part gives up
    `test_share` of each class as its test set, drawn by `seed`. `progress(done, total)` counts bytes of a
    download, or pictures of a folder. Raises DataError or ResourceError with what to do.
    """
    progress = progress or watching.get()
    if source == "" or source in KNOWN:
        return _known(KNOWN[source or "fashion-mnist"], size, channels, progress, download)
    root = Path(source).expanduser()
    if not root.exists():
        near = closest(source, KNOWN)
        raise DataError(
            _("There is no folder '{path}' and no known data set of that name.", path=shown(source))
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("expected a folder, or one of: {choices}", choices=", ".join(KNOWN)),
        )
    return _folder(root, size, channels, test_share, seed, progress)


def _known(
    known: Known, size: int | None, channels: int | None, progress: Progress | None, download: bool
) -> ImageData:
    place = obtain(known, progress, download)
    assert place.folder is not None
    halves = []
    for half in ("train", "t10k"):
        pixels = read_idx(place.folder / f"{half}-images-idx3-ubyte.gz", 3)
        labels = read_idx(place.folder / f"{half}-labels-idx1-ubyte.gz", 1)
        if len(pixels) != len(labels) or labels.max(initial=0) >= len(known.classes):
            raise DataError(_("The files in '{folder}' do not belong together.", folder=place.folder))
        # The same code as for files, so that a picture meets the network alike in training and use.
        if (size or pixels.shape[1]) != pixels.shape[1] or channels not in (None, 1):
            pixels = np.stack([fit(Image.fromarray(one), size=size, channels=channels) for one in pixels])
        tensor = torch.from_numpy(pixels.reshape(*pixels.shape[:3], -1))
        halves.append(Images(tensor, torch.from_numpy(labels.astype(np.int64))))
    train, test = halves
    where = {
        "cache": _("the whole set, from {folder}", folder=place.folder),
        "system": _("the whole set, from {folder}", folder=place.folder),
        "subset": _("a part of the set, carried by Axone"),
    }[place.kind]
    notes = (*place.notes, *_repeats({"train": train, "test": test}, known.classes))
    return ImageData(known.name, where, known.classes, train, test, None, notes, (), place)


def _folder(
    root: Path, size: int | None, channels: int | None, test_share: float, seed: int, progress: Progress | None
) -> ImageData:
    found = read_folder(root, size=size, channels=channels, progress=progress)
    parts = {part: Images(pixels, labels) for part, (pixels, labels) in found.parts.items()}
    notes = list(found.notes)
    if not len(parts.get("test", ())):  # no folder for it, or an empty one
        whole = parts["train"]
        kept, held_out = split(whole.labels, test_share, seed)
        counts = torch.bincount(whole.labels, minlength=len(found.classes))
        single = [found.classes[number] for number in (counts == 1).nonzero().flatten().tolist()]
        parts["train"] = Images(whole.pixels.index_select(0, kept), whole.labels.index_select(0, kept))
        parts["test"] = Images(whole.pixels.index_select(0, held_out), whole.labels.index_select(0, held_out))
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
    notes += _repeats(parts, found.classes)
    validation = parts.get("validation")
    if validation is not None and not len(validation):
        validation = None
    return ImageData(
        shown(root.resolve().name),
        _("the folder {path}", path=shown(root.resolve())),
        found.classes,
        parts["train"],
        parts["test"],
        validation,
        tuple(notes),
        tuple(found.skipped),
    )


def _repeats(parts: dict[str, Images], classes: tuple[str, ...]) -> list[str]:
    """Tell of images that occur twice: in training and test, or under two classes (compared as they are used)."""
    marks = {part: _fingerprints(images.pixels) for part, images in parts.items()}
    notes = []
    trained = set(marks["train"])
    for part, name in (("validation", _("validation")), ("test", _("test"))):
        both = sum(mark in trained for mark in marks.get(part, ()))
        if both:
            notes.append(
                plural(
                    "{count} {part} image is also a training image: its score is flattered.",
                    "{count} {part} images are also training images: the score is flattered.",
                    both,
                    part=name,
                )
            )
    seen: dict[bytes, set[int]] = {}
    for part, images in parts.items():
        for mark, label in zip(marks[part], images.labels.tolist()):
            seen.setdefault(mark, set()).add(label)
    two = [sorted(labels) for labels in seen.values() if len(labels) > 1]
    if two:
        names = _("{one} and {other}", one=classes[two[0][0]], other=classes[two[0][1]])
        notes.append(
            plural(
                "{count} image is filed under two classes (such as {names}).",
                "{count} images are filed under two classes (such as {names}).",
                len(two),
                names=names,
            )
        )
    return notes


def _fingerprints(pixels: UInt8[Tensor, "samples height width channels"]) -> list[bytes]:
    rows = pixels.reshape(len(pixels), -1).numpy()
    return [hashlib.blake2b(row, digest_size=16).digest() for row in rows]
