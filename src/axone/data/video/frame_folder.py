"""A folder of numbered images as a video: in the order of their numbers, all of one size, none missing silently."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from axone.data.images.decode.file import ImageError, read_header, read_image
from axone.data.images.folders.walk import list_entries
from axone.data.video.decode import MAX_FRAMES, FrameSize, VideoError
from axone.messages import _

IMAGE_ENDINGS = frozenset({"png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp"})


def list_frames(folder: Path) -> list[Path]:
    """Return the images directly in a folder in the order of the numbers in their names: frame2 before frame10."""
    _folders, files = list_entries(folder)
    images = [Path(entry.path) for entry in files if entry.name.rpartition(".")[2].lower() in IMAGE_ENDINGS]
    return sorted(images, key=lambda path: natural_key(path.name))


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Return a key that orders names by the numbers in them, and by letters elsewhere."""
    parts = re.split(r"(\d+)", name.lower())
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts if part]


def read_frame_size(folder: Path) -> FrameSize:
    """Return the size of the frames of a folder.

    Raises VideoError for frames of several sizes, and for one that cannot be read: a frame cannot be left out without
    a jump in the motion.
    """
    frames = list_frames(folder)
    if not frames:
        raise VideoError(folder, _("it has no images"))
    first = None
    for path in frames[:MAX_FRAMES]:
        try:
            header = read_header(path)
        except ImageError as error:
            raise VideoError(folder, f"{path.name}: {error.reason}") from None
        size = FrameSize(header.height, header.width)
        first = first or size
        if size != first:
            raise VideoError(
                folder,
                _("its frames have several sizes: {first} has {size} pixels, {other} has {other_size}",
                  first=frames[0].name, size=f"{first.width} x {first.height}", other=path.name,
                  other_size=f"{size.width} x {size.height}"),
                hint=_("put the frames of each video into a folder of its own"),
            )  # fmt: skip
    assert first is not None
    return first


def read_frame_folder(folder: Path, size: FrameSize, *, every: int = 1) -> UInt8[np.ndarray, "frames height width 3"]:
    """Return the frames of a folder in color, cropped to the proportions of `size` and resized. Raises VideoError."""
    read_frame_size(folder)
    return _read(folder, list_frames(folder)[::every][:MAX_FRAMES], size)


def read_last_of_folder(
    folder: Path, size: FrameSize, count: int, *, every: int = 1
) -> UInt8[np.ndarray, "frames height width 3"]:
    """Return the last `count` frames of a folder, or fewer where it has not more. Raises VideoError."""
    read_frame_size(folder)
    return _read(folder, list_frames(folder)[::-1][::every][:count][::-1], size)


def _read(folder: Path, paths: list[Path], size: FrameSize) -> UInt8[np.ndarray, "frames height width 3"]:
    frames = []
    for path in paths:
        try:
            frames.append(read_image(path, size=size, channels=3))
        except ImageError as error:
            raise VideoError(folder, f"{path.name}: {error.reason}") from None
    return np.stack(frames)


def find_missing_numbers(folder: Path) -> list[int]:
    """Return the numbers that are missing in the names of the frames, where the others are consecutive."""
    stems = [path.stem for path in list_frames(folder)]
    numbers = [int(match.group()) for stem in stems if (match := re.search(r"\d+(?=\D*$)", stem))]
    if len(numbers) != len(stems) or len(set(numbers)) != len(numbers) or len(numbers) < 3:
        return []
    step = min(after - before for before, after in zip(sorted(numbers), sorted(numbers)[1:]))
    expected = range(min(numbers), max(numbers) + 1, step)
    if len(expected) > 2 * len(numbers):  # numbers that do not count frames, such as times
        return []
    return sorted(set(expected) - set(numbers))
