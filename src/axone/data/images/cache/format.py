"""The format of the cache: the images of one folder, decoded and resized once, for every later start.

    AXONE_CACHE/images/photos-1f0c9a2b/       one folder for each folder of images, size, fit, scale and channels
        5b7e.../                              one state of that folder: names, sizes and times of its files
            pixels.bin    a row for each file, (height, width, channels), unsigned bytes
            table.bin     a record for each file (`decoding.record_dtype`)
            files.json    name, size and times of each file, as listed
            cache.json    size, channels, fit, scale, the files that cannot be used and why
            SHA256SUMS    of the three files before

How a change is recognized: a state is named after the names of all files, their sizes, and the times of their content
and of their last change, like the index of git; the content is not read again. A file that was rewritten, replaced,
added, renamed or deleted gives another state. A change that preserves all of these does not, but a program can make
one only on purpose, or within one tick of the file system's clock. A new state reuses the images that did not change
(`reuse.py`), and the old one is removed.

A cache is either complete or absent: it is built in a temporary folder, flushed to the disk, then renamed.
"""

from __future__ import annotations

import hashlib
import json
import math
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
from axone.data.images.decode.fit import Fit, Size
from axone.data.images.folders.listing import ImageFile
from axone.data.images.scale.scale import Scale, ScaleChoice, read_scale
from axone.data.images.statistics import hash_image, hash_images
from axone.errors import ResourceError
from axone.messages import _

VERSION = 3  # increased when the same files give other pixels, or the files of the cache change
PIXELS, TABLE, FILES, SUMS = "pixels.bin", "table.bin", "files.json", "SHA256SUMS"


class DamagedCacheError(Exception):
    """A cache is not what was written, and must be built again."""


@dataclass(frozen=True)
class ImageCache:
    """An opened cache, whose rows are in the order of the folder's listing.

    Args:
        folder: The folder of the cache.
        shape: Height, width and channels of the images.
        fit: How they were resized.
        scale: The scale of values of more than 8 bits; None: by their type, or there are none.
        levels: How many different bytes these values became, where the scale was found; else None.
        not_finite: How many of them are NaN or infinite, where the scale was found.
        decoder: What decoded them (`decoder_version`).
        table: A record for each file (`decoding.record_dtype`).
        skipped: The rows that cannot be used, with the reason.
        verified: Whether the pixels of a row were compared with their hash.
    """

    folder: Path
    shape: tuple[int, int, int]
    fit: Fit
    scale: Scale | None
    levels: int | None
    not_finite: int
    decoder: str
    table: np.ndarray
    skipped: dict[int, str]
    verified: np.ndarray

    @property
    def pixels_path(self) -> Path:
        """The path of the file of pixels."""
        return self.folder / PIXELS

    def map_pixels(self) -> UInt8[Tensor, "files height width channels"]:
        """Return the pixels as a mapped file: they are read when they are used, and may leave the memory again."""
        shape = (len(self.table), *self.shape)
        if not len(self.table):
            return torch.empty(shape, dtype=torch.uint8)
        size = int(np.prod(shape))
        return torch.from_file(str(self.pixels_path), shared=False, size=size, dtype=torch.uint8).view(shape)

    def read(self) -> UInt8[Tensor, "files height width channels"]:
        """Return the pixels in memory, verified. Raises DamagedCacheError."""
        pixels = np.fromfile(self.pixels_path, np.uint8).reshape(len(self.table), *self.shape)
        differs = (hash_images(pixels) != self.table["hash"]).any(1)
        if (differs & self.table["usable"]).any():
            raise DamagedCacheError(PIXELS)
        return torch.from_numpy(pixels)

    def differs(self, row: int, pixels: np.ndarray) -> bool:
        """Return whether pixels differ from those that were written to a row."""
        return hash_image(pixels) != self.table["hash"][row].tobytes()

    def verify(self, index: Int64[Tensor, " batch"], pixels: UInt8[Tensor, "batch height width channels"]) -> None:
        """Verify mapped images when they are first used.

        Raises ResourceError for a damaged one; the next start then builds the cache again.
        """
        rows = index.numpy()
        for position in np.flatnonzero(~self.verified[rows]).tolist():
            if self.differs(int(rows[position]), pixels[position].numpy()):
                with suppress(OSError):
                    (self.folder / SUMS).unlink()
                raise ResourceError(
                    _("The decoded images in the cache '{path}' are damaged.", path=self.folder),
                    hint=_("They will be decoded again: repeat the command, or type axone resume RUN"),
                )
        self.verified[rows] = True


def cache_path(
    root: Path,
    size: Size | int | None,
    channels: int | None,
    fit: Fit = "crop",
    scale: Scale | ScaleChoice = "auto",
) -> Path:
    """Return the folder for the caches of a folder at a size, fit, scale and number of channels (None: inferred)."""
    path = os.path.realpath(root)
    request = [path, size, channels, fit, scale.to_facts() if isinstance(scale, Scale) else scale]
    key = hashlib.sha256(json.dumps(request).encode()).hexdigest()[:16]
    return image_caches_folder() / f"{re.sub(r'[^A-Za-z0-9]+', '-', Path(path).name)[:40]}-{key}"


def files_json(files: Sequence[ImageFile]) -> bytes:
    """Return the files of a folder as JSON, with which its next state is compared."""
    return json.dumps([[file.name, file.size, file.modified, file.changed] for file in files]).encode()


def decoder_version() -> str:
    """Return the versions of what decodes files: with others, the same files may give other pixels."""
    return f"{VERSION} {PIL.__version__} {features.version_codec('jpg')}"


def folder_state(files: Sequence[ImageFile]) -> str:
    """Return the name of the state of a folder with these files, decoded by this version of Pillow."""
    names = "\0".join([decoder_version(), *(file.name for file in files)])  # names contain no zero byte
    digest = hashlib.sha256(names.encode("utf-8", "surrogatepass"))
    digest.update(np.array([file[-3:] for file in files], np.int64).data)
    return digest.hexdigest()[:32]


def open_cache(folder: Path) -> ImageCache:
    """Open a cache and verify everything but its pixels. Raises FileNotFoundError, DamagedCacheError."""
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        content = (folder / FACTS).read_bytes()
        table = (folder / TABLE).read_bytes()
        for name, data in ((FACTS, content), (TABLE, table)):
            if hashlib.sha256(data).hexdigest() != sums[name]:
                raise DamagedCacheError(name)
        facts = json.loads(content)
        shape = (facts["height"], facts["width"], facts["channels"])
        records = np.frombuffer(table, record_dtype(facts["channels"]))
        if (folder / PIXELS).stat().st_size != len(records) * math.prod(shape):
            raise DamagedCacheError(PIXELS)
        skipped = {int(row): why for row, why in facts["skipped"].items()}
        verified = np.zeros(len(records), bool)
        return ImageCache(
            folder, shape, facts["fit"], read_scale(facts["scale"]), facts["levels"], facts["not_finite"],
            facts["decoder"], records, skipped, verified,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedCacheError(str(error)) from None


def read_files(folder: Path) -> dict[str, tuple[int, list[int]]]:
    """Return the row, and the size and times, of each file of a cache. Raises DamagedCacheError."""
    try:
        content = (folder / FILES).read_bytes()
        if f"{hashlib.sha256(content).hexdigest()}  {FILES}" not in (folder / SUMS).read_text("utf-8"):
            raise DamagedCacheError(FILES)
        return {name: (row, status) for row, (name, *status) in enumerate(json.loads(content))}
    except (OSError, ValueError) as error:
        raise DamagedCacheError(str(error)) from None
