"""Find images that occur more than once where they should not: in training and in evaluation, or in two classes.

Images are compared as the network gets them, so the same image saved in two formats is found as well. `find_copies`
finds equal images once, whatever the splits; `find_duplicates` judges them for the splits as they are used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import torch

from axone.data.images.dataset import ImageDataset, Subset
from axone.messages import _, plural

TRAIN, VALIDATION, TEST = "train", "validation", "test"

# Groups of equal images: the data set and the index of each.
Copies = Sequence[Sequence[tuple[ImageDataset, int]]]


class Occurrence(NamedTuple):
    """One occurrence of an image: the split that it is in, its class, its name."""

    split: str
    label: int
    name: str


def find_copies(subsets: Iterable[Subset]) -> Copies:
    """Return the groups of equal images among some subsets, in the order of the subsets."""
    filled = [images for images in subsets if len(images)]
    if not filled:
        return ()
    hashes = np.concatenate([images.dataset.hashes[images.indices.numpy()] for images in filled])
    keys = np.ascontiguousarray(hashes).view(np.uint64)
    order = np.lexsort((keys[:, 1], keys[:, 0]))  # stable: copies stay in the order of the subsets
    differs = (keys[order][1:] != keys[order][:-1]).any(1)
    starts = np.flatnonzero(np.concatenate([[True], differs]))
    ends = np.append(starts[1:], len(order))
    borders = np.cumsum([0, *(len(images) for images in filled)])
    groups = []
    for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1]):
        group = []
        for position in order[start:end].tolist():
            number = int(np.searchsorted(borders, position, "right")) - 1
            images = filled[number]
            group.append((images.dataset, int(images.indices[position - borders[number]])))
        groups.append(group)
    return groups


def find_duplicates(copies: Copies, splits: Mapping[str, Subset]) -> list[list[Occurrence]]:
    """Return each image that is in training and another split, or in two classes, with all its occurrences.

    Copies within one split and class are left out: they bias no metric.

    Args:
        copies: The groups of equal images.
        splits: The splits as they are used. Images in none of them are ignored.
    """
    names = list(splits)
    split_of: dict[int, torch.Tensor] = {}  # by data set: the number of each image's split, or -1
    for number, images in enumerate(splits.values()):
        dataset = images.dataset
        of_images = split_of.setdefault(id(dataset), torch.full((len(dataset.labels),), -1))
        of_images[images.indices] = number
    duplicates = []
    for copy in copies:
        numbers = [int(split_of[id(dataset)][index]) if id(dataset) in split_of else -1 for dataset, index in copy]
        group = [
            Occurrence(names[number], int(dataset.labels[index]), dataset.name(index))
            for number, (dataset, index) in sorted(zip(numbers, copy), key=itemgetter(0))
            if number >= 0
        ]
        if len({occurrence.label for occurrence in group}) > 1 or _leaks(group):
            duplicates.append(group)
    return sorted(duplicates)


def _leaks(group: list[Occurrence], split: str | None = None) -> bool:
    """Return whether an image of training is also in `split` (None: in any other)."""
    splits = {occurrence.split for occurrence in group}
    return TRAIN in splits and (len(splits) > 1 if split is None else split in splits)


def describe_duplicates(duplicates: list[list[Occurrence]], classes: tuple[str, ...]) -> list[str]:
    """Return what people should know of duplicates before training."""
    notes = []
    for split, name in ((VALIDATION, _("validation")), (TEST, _("test"))):
        leaks = [[one for one in group if one.split == split] for group in duplicates if _leaks(group, split)]
        if count := sum(map(len, leaks)):
            notes.append(
                plural(
                    "{count} {part} image is also a training image, which biases the score (for example {name}).",
                    "{count} {part} images are also training images, which biases the score (for example {name}).",
                    count,
                    part=name,
                    name=leaks[0][0].name,
                )
            )
    ambiguous = [group for group in duplicates if len({occurrence.label for occurrence in group}) > 1]
    if ambiguous:
        first, second, *_others = sorted({occurrence.label for occurrence in ambiguous[0]})
        names = _("{one} and {other}", one=classes[first], other=classes[second])
        notes.append(
            plural(
                "{count} image is in two classes (for example {names}).",
                "{count} images are in two classes (for example {names}).",
                len(ambiguous),
                names=names,
            )
        )
    return notes
