"""Say what was found in the data, before anything is trained on it: in sentences, and as a document of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.images.dataset import Subset
from axone.data.images.duplicates import find_duplicates
from axone.data.images.file import printable_path
from axone.data.images.load import ImageData
from axone.messages import _, plural
from axone.numbers import number

MOST_LISTED = 5
MOST_KEPT = 1000  # entries of a list in the document, whose count is always the whole
UNEVEN = 3  # times more images in the largest class than in the smallest: worth a sentence


def describe(data: ImageData) -> list[str]:
    """Return the data report: source, numbers, sizes, balance, notes, and what was skipped and why."""
    height, width, channels = data.train.shape
    lines = [
        _("{name}: {source}.", name=data.name, source=data.source),
        _(
            "{train} training and {test} test images of {height} x {width} pixels, {kind}.",
            train=number(len(data.train)),
            test=number(len(data.test)),
            height=height,
            width=width,
            kind=_("gray") if channels == 1 else _("color"),
        ),
    ]
    if data.sizes and data.sizes != ((width, height),) * 2:
        (small_width, small_height), (large_width, large_height) = data.sizes
        lines.append(
            _(
                "The files have from {small} to {large} pixels.",
                small=f"{small_width} x {small_height}",
                large=f"{large_width} x {large_height}",
            )
        )
    if data.validation is not None:
        lines.append(
            plural(
                "{count} image to check progress on, from the data's own folder.",
                "{count} images to check progress on, from the data's own folder.",
                len(data.validation),
            )
        )
    if len(data.classes) > 1:
        lines.append(_balance(data))
    lines += data.notes
    return lines + describe_skipped(data.skipped)


def describe_skipped(skipped: Sequence[tuple[Path, str]]) -> list[str]:
    """Return what to say of files that were not used, each with its reason; nothing where there are none."""
    if not skipped:
        return []
    lines = [plural("{count} file was skipped:", "{count} files were skipped:", len(skipped))]
    lines += [f"  {printable_path(path)}: {reason}" for path, reason in skipped[:MOST_LISTED]]
    if len(skipped) > MOST_LISTED:
        lines.append("  " + _("... and {count} more", count=len(skipped) - MOST_LISTED))
    return lines


def document(data: ImageData, parts: Mapping[str, Subset]) -> dict[str, Any]:
    """Return the data report as data_report.json keeps it, for the `parts` as they are used.

    Lists are cut at 1,000 entries; the counts beside them are whole.
    """
    height, width, channels = data.train.shape
    repeated = find_duplicates(parts)
    return {
        "version": 1,
        "name": data.name,
        "source": data.source,
        "size": [height, width],
        "channels": channels,
        "sizes_of_files": [list(size) for size in data.sizes],  # width and height: the smallest, the largest
        "parts": {
            part: {
                "images": len(images),
                "classes": dict(zip(data.classes, count_classes(images.labels, len(data.classes)), strict=True)),
            }
            for part, images in parts.items()
        },
        "notes": list(data.notes),
        "skipped_count": len(data.skipped),
        "skipped": [{"file": printable_path(path), "reason": reason} for path, reason in data.skipped[:MOST_KEPT]],
        "duplicates_count": len(repeated),
        "duplicates": [
            [{"part": copy.part, "class": data.classes[copy.label], "file": copy.name} for copy in group]
            for group in repeated[:MOST_KEPT]
        ],
    }


def count_classes(labels: Int64[Tensor, " samples"], classes: int) -> list[int]:
    """Count the images of each class."""
    return torch.bincount(labels, minlength=classes).tolist()


def is_imbalanced(found: list[int]) -> bool:
    """Say whether accuracy alone would flatter the large classes."""
    return max(found) > UNEVEN * min(found)


def _balance(data: ImageData) -> str:
    found = count_classes(data.train.labels, len(data.classes))
    fewest, most = min(found), max(found)
    if fewest == most:
        return _("{classes} classes, {count} training images in each.", classes=len(data.classes), count=number(most))
    sentence = _(
        "{classes} classes, from {fewest} training images ({small}) to {most} ({large}).",
        classes=len(data.classes),
        fewest=number(fewest),
        small=data.classes[found.index(fewest)],
        most=number(most),
        large=data.classes[found.index(most)],
    )
    if is_imbalanced(found):
        sentence += " " + _("That is uneven: accuracy alone will flatter the large classes.")
    return sentence
