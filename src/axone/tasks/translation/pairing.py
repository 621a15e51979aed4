"""Pairs of images of two domains: files of the same name in both folders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.images.dataset import Subset
from axone.data.images.report import MAX_LISTED
from axone.errors import DataError
from axone.messages import _, plural
from axone.tasks.images.splits import Splits


def match_pairs(source: Splits, target: Splits) -> tuple[Splits, Splits, list[str]]:
    """Keep the images that have a partner of the same name, in the same order in both domains.

    The split of a pair is that of its source image.

    Returns:
        The source images, the target images, and notes about images without a partner.

    Raises:
        DataError: A domain is not a folder, or no image has a partner.
    """
    if any(splits.train.dataset.file_name is None for splits in (source, target)):
        raise DataError(_("Pairs are matched by file name: both the source and the target must be folders."))
    partners = {
        _pair_name(images, index): index
        for images in (target.train, target.validation, target.test)
        for index in images.indices.tolist()
    }
    unmatched: list[str] = []
    sources: list[Subset] = []
    targets: list[Subset] = []
    for images in (source.train, source.validation, source.test):
        own, theirs = [], []
        for index in images.indices.tolist():
            name = _pair_name(images, index)
            if name in partners:
                own.append(index)
                theirs.append(partners.pop(name))
            else:
                unmatched.append(name)
        sources.append(Subset(images.dataset, _to_indices(own)))
        targets.append(Subset(target.train.dataset, _to_indices(theirs)))
    unmatched += sorted(partners)
    if not any(map(len, sources)):
        raise DataError(
            _("No image of the source folder has a partner of the same name in the target folder: {names}.",
              names=", ".join(unmatched[:3])),
            expected=_("expected pairs such as {one} and {other}", one="A/001.png", other="B/001.png"),
            hint=_("to train without pairs: --preset default"),
        )  # fmt: skip
    notes = []
    if unmatched:
        listed = ", ".join(unmatched[:MAX_LISTED]) + (", ..." if len(unmatched) > MAX_LISTED else "")
        notes.append(
            plural(
                "{count} image has no partner of the same name and is not used: {names}.",
                "{count} images have no partner of the same name and are not used: {names}.",
                len(unmatched), names=listed,
            )
        )  # fmt: skip
    return _with_images(source, sources), _with_images(target, targets), notes


def _with_images(splits: Splits, images: list[Subset]) -> Splits:
    train, validation, test = images
    return replace(splits, train=train, validation=validation, test=test)


def _pair_name(images: Subset, index: int) -> str:
    """Return the name by which an image is paired: its path in the folder without the suffix."""
    return str(PurePath(images.dataset.name(index)).with_suffix(""))


def _to_indices(indices: list[int]) -> Int64[Tensor, " images"]:
    return torch.tensor(indices, dtype=torch.int64)
