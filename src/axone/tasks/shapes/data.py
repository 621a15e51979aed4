"""From settings to solids for training, validation and test: furniture drawn by Axone, or meshes of the user's own.

Solids travel through the same streams as pictures do: a picture with a channel for each storey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from axone.data.datasets.furniture import FURNITURE_CLASSES, make_furniture
from axone.data.images import statistics
from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.file import printable_path
from axone.data.images.load import ImageData
from axone.data.images.report import MAX_LISTED, count_classes
from axone.data.split import stratified_split
from axone.data.voxels.meshes import Meshes, read_meshes
from axone.data.voxels.voxels import Solids
from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.messages import _, plural
from axone.numbers import number
from axone.settings import Settings
from axone.tasks.images.splits import Splits, make_splits
from axone.tasks.shapes.metrics import standing_classes

FURNITURE = "furniture"
TRAIN, TEST = 4000, 500  # pieces of furniture that are drawn
TEST_SHARE = 0.15  # of a folder
LEAST, FEW = 10, 100  # training solids that are needed; fewer than those are soon known by heart


def read_solids(settings: Settings, context: BuildContext, side: int, up: str) -> Splits:
    """Read or draw what `settings.data` names, in cubes of `side` voxels, and divide it.

    `up` is the axis that points up in files. Raises DataError, ResourceError.
    """
    if settings.data in ("", FURNITURE):
        data = _furniture(side)
    else:
        root = Path(settings.data).expanduser()
        data = _meshes(root, read_meshes(root, side, up, context.progress), settings.seed)
    parts = make_splits(settings, data, ((0.0,), (1.0,)))
    if len(parts.train) < LEAST:
        raise DataError(
            plural(
                "{count} shape to learn from is too few.", "{count} shapes to learn from are too few.", len(parts.train)
            ),
            expected=_("expected at least {least} to learn from, beside those that are held out", least=LEAST),
        )
    solids, labels = solids_of(parts.train), parts.train.labels.numpy()
    classes = parts.facts["classes"]
    facts = {"task": "shapes", **parts.facts, "stands": standing_classes(solids, labels, len(classes))}
    return replace(parts, facts=facts, notes=_told(data, parts, facts["stands"]))


def solids_of(images: Subset) -> Solids:
    """Return the solids of a part."""
    return np.ascontiguousarray(images.pixels.numpy().transpose(0, 3, 1, 2) > 0)


def volumes(
    inputs: Float[Tensor, "batch height depth width"],
) -> Float[Tensor, "batch 1 height depth width"]:
    """Return a batch of the stream as what convolutions in three dimensions take."""
    return inputs.unsqueeze(1).contiguous()


def _pixels(solids: Solids) -> UInt8[Tensor, "solids depth width height"]:
    return torch.from_numpy(np.where(solids, np.uint8(255), np.uint8(0)).transpose(0, 2, 3, 1).copy())


def _block(solids: Solids, labels: Int64[Tensor, " solids"], names: Sequence[str] | None = None) -> ImageDataset:
    pixels = _pixels(solids)
    marks = statistics.hash_images(pixels.numpy())
    nothing = np.zeros((len(solids), solids.shape[1], 2), np.int64)  # nobody asks for the mean of a voxel
    return ImageDataset(pixels, labels, marks, nothing, None if names is None else names.__getitem__)


def _furniture(side: int) -> ImageData:
    solids, labels = make_furniture(TRAIN + TEST, side)
    block = _block(solids, torch.from_numpy(labels))
    train, test = (Subset(block, torch.arange(*ends)) for ends in ((0, TRAIN), (TRAIN, TRAIN + TEST)))
    return ImageData(FURNITURE, _("drawn by Axone"), FURNITURE_CLASSES, train, test)


def _meshes(root: Path, meshes: Meshes, seed: int) -> ImageData:
    labels = torch.from_numpy(meshes.labels)
    block = _block(meshes.solids, labels, meshes.names)
    kept, held_out = stratified_split(labels, TEST_SHARE, seed)
    return ImageData(
        printable_path(root.resolve().name),
        _("the folder {path}", path=printable_path(root.resolve())),
        meshes.classes,
        Subset(block, kept),
        Subset(block, held_out),
        None,
        tuple(meshes.notes),
        tuple(meshes.skipped),
    )


def _told(data: ImageData, parts: Splits, stands: list[bool]) -> list[str]:
    """Return sentences on the data, for people."""
    found, side = count_classes(parts.train.labels, len(data.classes)), parts.train.shape[0]
    lines = [
        _("{name}: {source}.", name=data.name, source=data.source),
        _(
            "{train} training and {test} test shapes in cubes of {side} voxels a side.",
            train=number(len(parts.train)),
            test=number(len(parts.test)),
            side=side,
        ),
    ]
    if len(data.classes) > 1:
        listed = ", ".join(f"{name} {number(count)}" for name, count in zip(data.classes, found, strict=True))
        lines.append(_("Training shapes of each class: {listed}.", listed=listed))
    if not all(stands):
        names = [name for name, stand in zip(data.classes, stands, strict=True) if not stand]
        lines.append(_("Not asked to stand on four points, because theirs do not: {names}.", names=", ".join(names)))
    if len(parts.train) < FEW:
        lines.append(_("So few shapes can only be learned by heart: see how near made ones come to them."))
    lines += data.notes
    if data.skipped:
        lines.append(plural("{count} file was skipped:", "{count} files were skipped:", len(data.skipped)))
        lines += [f"  {printable_path(path)}: {reason}" for path, reason in data.skipped[:MAX_LISTED]]
        if len(data.skipped) > MAX_LISTED:
            lines.append("  " + _("... and {count} more", count=len(data.skipped) - MAX_LISTED))
    return lines
