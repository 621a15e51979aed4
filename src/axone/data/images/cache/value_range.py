"""Find the scale of a folder: read the values of all of its images of more than 8 bits, before they become bytes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from axone.data.images.decode.file import ImageError, read_values_above_8_bits
from axone.data.images.scale.choice import choose_scale, count_levels
from axone.data.images.scale.sample import ValueSample
from axone.data.images.scale.scale import Scale
from axone.messages import _
from axone.progress import Progress, ignore_progress

READERS = 8  # threads; Pillow decodes without Python's lock
AHEAD = 256  # files between two calls of `progress`


class FolderScale(NamedTuple):
    """The scale of a folder, and what it means for the values.

    Args:
        scale: The scale.
        levels: How many different bytes the values become.
        not_finite: How many values are NaN or infinite.
    """

    scale: Scale
    levels: int
    not_finite: int


def find_scale(paths: Sequence[Path], progress: Progress = ignore_progress) -> FolderScale:
    """Return the scale of those of many files that have more than 8 bits.

    Args:
        paths: The files; those that are not images are left out.
        progress: Counts files.

    Raises:
        ResourceError: A file may not be read, or does not fit into memory.
    """
    whole, has_bytes = ValueSample.for_images(len(paths)), False

    def read(path: Path) -> ValueSample | None:
        sample = ValueSample(whole.per_image)
        try:
            values = read_values_above_8_bits(path)
        except ImageError:  # it is reported when it is decoded
            return sample
        if values is None:
            return None
        sample.add(values)
        return sample

    with ThreadPoolExecutor(READERS) as pool:
        for start in range(0, len(paths), AHEAD):
            for sample in pool.map(read, paths[start : start + AHEAD]):
                if sample is None:
                    has_bytes = True
                else:
                    whole.merge(sample)
            progress(_("reading the range of values"), min(start + AHEAD, len(paths)), len(paths))
    scale = choose_scale(whole, has_bytes)
    return FolderScale(scale, count_levels(scale, whole), whole.not_finite)
