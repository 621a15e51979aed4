"""Say in sentences what was found in the data, before anything is trained on it."""

from __future__ import annotations

import torch

from axone.data.image_file import shown
from axone.data.images import ImageData
from axone.messages import _, plural

MOST_LISTED = 5
UNEVEN = 3  # times more images in the largest class than in the smallest: worth a sentence


def describe(data: ImageData) -> list[str]:
    """Return the data report: source, numbers, sizes, balance, notes, and what was skipped and why."""
    height, width, channels = data.train.pixels.shape[1:]
    lines = [
        _("{name}: {source}.", name=data.name, source=data.source),
        _(
            "{train} training and {test} test images of {height} x {width} pixels, {kind}.",
            train=f"{len(data.train):,}",
            test=f"{len(data.test):,}",
            height=height,
            width=width,
            kind=_("grey") if channels == 1 else _("colour"),
        ),
    ]
    if data.validation is not None:
        lines.append(
            plural(
                "{count} image to check progress on, from the data's own folder.",
                "{count} images to check progress on, from the data's own folder.",
                len(data.validation),
            )
        )
    lines.append(_balance(data))
    lines += data.notes
    if data.skipped:
        lines.append(plural("{count} file was skipped:", "{count} files were skipped:", len(data.skipped)))
        lines += [f"  {shown(path)}: {reason}" for path, reason in data.skipped[:MOST_LISTED]]
        if len(data.skipped) > MOST_LISTED:
            lines.append("  " + _("... and {count} more", count=len(data.skipped) - MOST_LISTED))
    return lines


def _balance(data: ImageData) -> str:
    counts = torch.bincount(data.train.labels, minlength=len(data.classes)).tolist()
    fewest, most = min(counts), max(counts)
    if fewest == most:
        return _("{classes} classes, {count} training images in each.", classes=len(data.classes), count=f"{most:,}")
    sentence = _(
        "{classes} classes, from {fewest} training images ({small}) to {most} ({large}).",
        classes=len(data.classes),
        fewest=f"{fewest:,}",
        small=data.classes[counts.index(fewest)],
        most=f"{most:,}",
        large=data.classes[counts.index(most)],
    )
    if most > UNEVEN * fewest:
        sentence += " " + _("That is uneven: accuracy alone will flatter the large classes.")
    return sentence
