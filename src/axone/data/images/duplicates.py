"""Find pictures that occur twice where they should not: in training and in what measures it, or in two classes.

Pictures are compared as the network sees them, so that the same one saved in two formats is found as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from axone.data.images.dataset import Subset
from axone.messages import _, plural

TRAIN, VALIDATION, TEST = "train", "validation", "test"


class Occurrence(NamedTuple):
    """One occurrence of a picture: the part it is in, its class, its name."""

    part: str
    label: int
    name: str


def find_duplicates(parts: Mapping[str, Subset]) -> list[list[Occurrence]]:
    """Return each picture that lies in training and another part, or in two classes, with all its occurrences.

    Copies within one part and class are left out: they flatter no figure.
    """
    filled = [(part, images) for part, images in parts.items() if len(images)]
    if not filled:
        return []
    marks = np.concatenate([images.dataset.hashes[images.indices.numpy()] for _part, images in filled])
    keys = np.ascontiguousarray(marks).view(np.uint64)
    order = np.lexsort((keys[:, 1], keys[:, 0]))  # stable: copies stay in the order of the parts
    differs = (keys[order][1:] != keys[order][:-1]).any(1)
    starts = np.flatnonzero(np.concatenate([[True], differs]))
    ends = np.append(starts[1:], len(order))
    borders = np.cumsum([0, *(len(images) for _part, images in filled)])
    found = []
    for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1]):
        group = []
        for position in order[start:end].tolist():
            number = int(np.searchsorted(borders, position, "right")) - 1
            part, images = filled[number]
            member = int(images.indices[position - borders[number]])
            group.append(Occurrence(part, int(images.dataset.labels[member]), images.dataset.name(member)))
        if len({copy.label for copy in group}) > 1 or _leaks(group):
            found.append(group)
    return sorted(found)


def _leaks(group: list[Occurrence], part: str | None = None) -> bool:
    """Say whether a picture of training is also in `part` (None: in any other)."""
    occurs = {copy.part for copy in group}
    return TRAIN in occurs and (len(occurs) > 1 if part is None else part in occurs)


def describe_duplicates(groups: list[list[Occurrence]], classes: tuple[str, ...]) -> list[str]:
    """Say what a person should know of these before training."""
    notes = []
    for part, name in ((VALIDATION, _("validation")), (TEST, _("test"))):
        copies = [[copy for copy in group if copy.part == part] for group in groups if _leaks(group, part)]
        if count := sum(map(len, copies)):
            notes.append(
                plural(
                    "{count} {part} image is also a training image: its score is flattered (such as {name}).",
                    "{count} {part} images are also training images: the score is flattered (such as {name}).",
                    count,
                    part=name,
                    name=copies[0][0].name,
                )
            )
    two = [group for group in groups if len({copy.label for copy in group}) > 1]
    if two:
        one, other, *_more = sorted({copy.label for copy in two[0]})
        names = _("{one} and {other}", one=classes[one], other=classes[other])
        notes.append(
            plural(
                "{count} image is filed under two classes (such as {names}).",
                "{count} images are filed under two classes (such as {names}).",
                len(two),
                names=names,
            )
        )
    return notes
