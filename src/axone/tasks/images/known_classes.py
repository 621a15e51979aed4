"""Images of other data for a trained model: their classes are matched with those of the model by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from axone.data.images.dataset import Subset
from axone.data.images.folders.walk import name_some
from axone.data.images.load import ImageData
from axone.data.images.report import count_classes
from axone.errors import DataError
from axone.messages import _, plural
from axone.numbers import format_number


@dataclass(frozen=True)
class KnownImages:
    """The images whose class a model knows, with the numbers that the model gives the classes.

    Args:
        images: The images.
        notes: Sentences on what is measured, absent and left out.
    """

    images: Subset
    notes: list[str]


def select_known(images: ImageData, known: Sequence[str]) -> KnownImages:
    """Select the images whose class is among those that a model knows.

    Where neither the model nor the data distinguish classes, all images are selected, whatever the names.

    Args:
        images: The data, all images in `train`.
        known: The names of the model's classes, in the order of their numbers.

    Raises DataError when there is no such image.
    """
    dataset, indices = images.train.dataset, images.train.indices
    if len(known) == len(images.classes) == 1:
        known = images.classes
    numbers = torch.tensor([known.index(name) if name in known else -1 for name in images.classes])
    labels = numbers[dataset.labels]
    selected = indices[labels[indices] >= 0]
    counts = dict(zip(images.classes, count_classes(images.train.labels, len(images.classes)), strict=True))
    if not len(selected):
        raise DataError(
            _("The classes of these data are not those of the model."),
            expected=_("model: {known}; data: {classes}", known=", ".join(known), classes=", ".join(images.classes)),
        )
    notes = [describe_measured(len(selected), images.source)]
    if unknown := [f"{name} ({format_number(counts[name])})" for name in images.classes if name not in known]:
        notes[0] = plural(
            "{count} image of {total} is measured: {source}.",
            "{count} images of {total} are measured: {source}.",
            len(selected),
            total=format_number(len(indices)),
            source=images.source,
        )
        notes.append(_("Left out, because the model does not know these classes: {names}.", names=name_some(unknown)))
    if absent := [name for name in known if not counts.get(name)]:
        notes.append(_("These data have no images of these classes: {names}.", names=name_some(absent)))
    return KnownImages(Subset(replace(dataset, labels=labels.clamp_min(0)), selected), notes)


def describe_measured(count: int, source: str) -> str:
    """Say how many images of other data are measured."""
    return plural(
        "{count} image is measured: {source}.", "All {count} images are measured: {source}.",
        count, source=source,
    )  # fmt: skip
