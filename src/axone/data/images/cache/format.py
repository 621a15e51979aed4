"""A pack: the pictures of one folder, decoded and resized once, kept in the cache for every later start.

    AXONE_CACHE/packs/photos-1f0c9a2b/        one place for each folder, size and number of channels
        5b7e.../                              one state of that folder: names, sizes and times of its files
            pixels.bin    a row for each file, (height, width, channels), unsigned bytes
            table.bin     what was counted of each (decoding.record)
            files.json    name, size and times of each, as listed
            pack.json     side, channels, the files that cannot be used and why
            SHA256SUMS    of the three files before

How a change is noticed: a state is named after the names of all files, their sizes, and the times of their
content and of their last change, as git's index does it; the content itself is not read again. So a file that
was rewritten, replaced, added, renamed or deleted gives another state, and a change that leaves all of these
as they were (which a program can do only on purpose, or within one tick of the file system's clock) does not.
A new state takes over the pictures that are still the same (`packing.py`), and the old one is removed.

A pack is either whole or not there: it is made beside its place, flushed to the disk, then renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL
import torch
from jaxtyping import Int64, UInt8
from PIL import features
from torch import Tensor

from axone.data.images.cache.admin import FACTS, image_caches_folder
from axone.data.images.cache.decoding import record_dtype
from axone.data.images.listing import ImageFile
from axone.data.images.statistics import hash_image, hash_images
from axone.errors import ResourceError
from axone.messages import _

VERSION = 1  # to be raised when the same files would give other pixels, or other files
PIXELS, TABLE, FILES, SUMS = "pixels.bin", "table.bin", "files.json", "SHA256SUMS"


class DamagedCacheError(Exception):
    """A pack that is not what was written: a reason to make it anew."""


@dataclass(frozen=True)
class ImageCache:
    """An opened pack. Its rows are in the order of the folder's listing."""

    folder: Path
    side: int
    channels: int
    decoder: str
    table: np.ndarray  # a record for each file, see decoding.record
    skipped: dict[int, str]  # row -> why it cannot be used
    verified: np.ndarray  # whether a row's pixels were found to be what was written

    @property
    def pixels_path(self) -> Path:
        """The file of pixels."""
        return self.folder / PIXELS

    def mapped(self) -> UInt8[Tensor, "files side side channels"]:
        """Map the pixels: nothing is read before it is used, and nothing stays in memory that others need."""
        shape = (len(self.table), self.side, self.side, self.channels)
        if not len(self.table):
            return torch.empty(shape, dtype=torch.uint8)
        size = int(np.prod(shape))
        return torch.from_file(str(self.pixels_path), shared=False, size=size, dtype=torch.uint8).view(shape)

    def read(self) -> UInt8[Tensor, "files side side channels"]:
        """Read all pixels into memory and verify them. Raises DamagedPackError."""
        pixels = np.fromfile(self.pixels_path, np.uint8).reshape(len(self.table), self.side, self.side, self.channels)
        differs = (hash_images(pixels) != self.table["hash"]).any(1)
        if (differs & self.table["usable"]).any():
            raise DamagedCacheError(PIXELS)
        return torch.from_numpy(pixels)

    def differs(self, row: int, pixels: np.ndarray) -> bool:
        """Say whether a picture is not what was written in its row."""
        return hash_image(pixels) != self.table["hash"][row].tobytes()

    def inspect(self, index: Int64[Tensor, " batch"], pixels: UInt8[Tensor, "batch side side channels"]) -> None:
        """Verify mapped pictures when they are first used. Raises ResourceError; the next start mends the pack."""
        rows = index.numpy()
        for place in np.flatnonzero(~self.verified[rows]).tolist():
            if self.differs(int(rows[place]), pixels[place].numpy()):
                with suppress(OSError):
                    (self.folder / SUMS).unlink()
                raise ResourceError(
                    _("The decoded pictures kept in '{path}' are damaged.", path=self.folder),
                    hint=_("They will be decoded anew: type the same again, or axone resume RUN"),
                )
        self.verified[rows] = True


def cache_path(root: Path, size: int | None, channels: int | None) -> Path:
    """Return the place of a folder's pack at a size and number of channels (None: what the pictures suggest)."""
    path = os.path.realpath(root)
    key = hashlib.sha256(json.dumps([path, size, channels]).encode()).hexdigest()[:16]
    return image_caches_folder() / f"{re.sub(r'[^A-Za-z0-9]+', '-', Path(path).name)[:40]}-{key}"


def files_json(files: Sequence[ImageFile]) -> bytes:
    """Write down the files of a folder: what its next state is compared with."""
    return json.dumps([[file.name, file.size, file.modified, file.changed] for file in files]).encode()


def decoder_version() -> str:
    """Name what turns files into pixels: with another one, the same files may give other pixels."""
    return f"{VERSION} {PIL.__version__} {features.version_codec('jpg')}"


def folder_state(files: Sequence[ImageFile]) -> str:
    """Name the state of a folder that has these files, as this Pillow would decode them."""
    names = "\0".join([decoder_version(), *(file.name for file in files)])  # no name has a zero in it
    digest = hashlib.sha256(names.encode("utf-8", "surrogatepass"))
    digest.update(np.array([file[-3:] for file in files], np.int64).data)
    return digest.hexdigest()[:32]


def open_cache(folder: Path) -> ImageCache:
    """Open a pack and verify all but its pixels. Raises FileNotFoundError, DamagedPackError."""
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        content = (folder / FACTS).read_bytes()
        table = (folder / TABLE).read_bytes()
        for name, found in ((FACTS, content), (TABLE, table)):
            if hashlib.sha256(found).hexdigest() != sums[name]:
                raise DamagedCacheError(name)
        facts = json.loads(content)
        side, channels = facts["side"], facts["channels"]
        records = np.frombuffer(table, record_dtype(channels))
        if (folder / PIXELS).stat().st_size != len(records) * side * side * channels:
            raise DamagedCacheError(PIXELS)
        skipped = {int(row): why for row, why in facts["skipped"].items()}
        return ImageCache(folder, side, channels, facts["decoder"], records, skipped, np.zeros(len(records), bool))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedCacheError(str(error)) from None


def read_files(folder: Path) -> dict[str, tuple[int, list[int]]]:
    """Return the files of a pack by name: row; size and times. Raises DamagedPackError."""
    try:
        content = (folder / FILES).read_bytes()
        if f"{hashlib.sha256(content).hexdigest()}  {FILES}" not in (folder / SUMS).read_text("utf-8"):
            raise DamagedCacheError(FILES)
        return {name: (row, status) for row, (name, *status) in enumerate(json.loads(content))}
    except (OSError, ValueError) as error:
        raise DamagedCacheError(str(error)) from None
