"""The data report of images, before training: sentences for people, and a document of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.images.dataset import Subset
from axone.data.images.duplicates import find_duplicates
from axone.data.images.load import ImageData
from axone.data.paths import printable_path
from axone.messages import _, plural
from axone.numbers import format_number

MAX_LISTED = 5
MAX_STORED = 1000  # entries of a list in the document; its count is always complete
IMBALANCED = 3  # ratio of the largest to the smallest class from which on it is mentioned


def describe(data: ImageData, splits: Mapping[str, Subset]) -> list[str]:
    """Return the data report: source, numbers, sizes, balance, notes, and what was skipped and why.

    Args:
        data: The images.
        splits: The images that are used: train, validation, test.
    """
    height, width, channels = data.train.shape
    lines = [
        _("{name}: {source}.", name=data.name, source=data.source),
        _(
            "{train} training, {validation} validation and {test} test images of {height} x {width} pixels, {kind}.",
            **{split: format_number(len(images)) for split, images in splits.items()},
            height=height,
            width=width,
            kind=_("gray") if channels == 1 else _("color"),
        ),
    ]
    used = len(splits["train"]) + (len(splits["validation"]) if data.validation is None else 0)
    if used < len(data.train):
        lines.append(
            _(
                "Used for training and validation: {used} of {count} images.",
                used=format_number(used),
                count=format_number(len(data.train)),
            )
        )
    if len(set(data.sizes)) == 1 and data.sizes[0] != (width, height):
        file_width, file_height = data.sizes[0]
        lines.append(_("The files have {width} x {height} pixels.", width=file_width, height=file_height))
    elif data.sizes and data.sizes != ((width, height),) * 2:
        (small_width, small_height), (large_width, large_height) = data.sizes
        lines.append(
            _(
                "The files have from {small} to {large} pixels.",
                small=f"{small_width} x {small_height}",
                large=f"{large_width} x {large_height}",
            )
        )
    if data.validation is not None:
        lines.append(_("The validation images are those of the folder of the data."))
    if len(data.classes) > 1:
        counts = dict(zip(data.classes, count_classes(splits["train"].labels, len(data.classes)), strict=True))
        trained = {name: count for name, count in counts.items() if name not in data.unseen}
        lines += [_describe_balance(list(trained), list(trained.values()))] if len(trained) > 1 else []
    lines += data.notes
    return lines + describe_skipped(data.skipped)


def describe_skipped(skipped: Sequence[tuple[Path, str]]) -> list[str]:
    """Return sentences on files that were not used, each with its reason; none where all files were used."""
    if not skipped:
        return []
    lines = [plural("{count} file was skipped:", "{count} files were skipped:", len(skipped))]
    lines += [f"  {printable_path(path)}: {reason}" for path, reason in skipped[:MAX_LISTED]]
    if len(skipped) > MAX_LISTED:
        lines.append("  " + _("... and {count} more", count=len(skipped) - MAX_LISTED))
    return lines


def build_report(data: ImageData, splits: Mapping[str, Subset]) -> dict[str, Any]:
    """Return the data report as data_report.json stores it.

    Args:
        data: The images.
        splits: The splits as they are used. Lists are cut at 1,000 entries; counts are complete.
    """
    height, width, channels = data.train.shape
    duplicates = find_duplicates(data.copies, splits)
    return {
        "version": 1,
        "name": data.name,
        "source": data.source,
        "size": [height, width],
        "channels": channels,
        "sizes_of_files": [list(size) for size in data.sizes],  # width and height: the smallest, the largest
        "splits": {
            split: {
                "images": len(images),
                "classes": dict(zip(data.classes, count_classes(images.labels, len(data.classes)), strict=True)),
            }
            for split, images in splits.items()
        },
        "notes": list(data.notes),
        "skipped_count": len(data.skipped),
        "skipped": [{"file": printable_path(path), "reason": reason} for path, reason in data.skipped[:MAX_STORED]],
        "duplicates_count": len(duplicates),
        "duplicates": [
            [
                {"split": occurrence.split, "class": data.classes[occurrence.label], "file": occurrence.name}
                for occurrence in group
            ]
            for group in duplicates[:MAX_STORED]
        ],
    }


def count_classes(labels: Int64[Tensor, " samples"], classes: int) -> list[int]:
    """Return the number of samples of each class."""
    return torch.bincount(labels, minlength=classes).tolist()


def is_imbalanced(counts: list[int]) -> bool:
    """Return whether accuracy alone would favor the large classes."""
    return max(counts) > IMBALANCED * min(counts)


def _describe_balance(classes: Sequence[str], counts: list[int]) -> str:
    fewest, most = min(counts), max(counts)
    if fewest == most:
        return _("{classes} classes, {count} training images in each.", classes=len(classes), count=format_number(most))
    sentence = _(
        "{classes} classes, from {fewest} training images ({small}) to {most} ({large}).",
        classes=len(classes),
        fewest=format_number(fewest),
        small=classes[counts.index(fewest)],
        most=format_number(most),
        large=classes[counts.index(most)],
    )
    if is_imbalanced(counts):
        sentence += " " + _("The classes are imbalanced: accuracy alone favors the large ones.")
    return sentence
