"""From an image classifier's settings to what changes its training pictures, and the sheet that shows the changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Tensor

from axone.data.images.augment.base import compose, flip_left_right, shift
from axone.data.images.augment.mixing import choose_mix, cutmix, mixup
from axone.data.images.augment.presets import PRESETS, build_augmentation
from axone.data.images.stream import Augment, ImageStream, Mix
from axone.figures.figure import Figure, contact_sheet
from axone.messages import _
from axone.tasks.classification.settings import ImageClassificationSettings

SHEET_IMAGES, SHEET_EPOCHS = 6, 6


def augmentation(settings: ImageClassificationSettings, facts: dict[str, Any]) -> Augment | None:
    """Return what changes the training pictures, or None for nothing.

    Gray pictures mostly stand on black, and black comes in at their borders; photographs fill their frame and are
    mirrored there.
    """
    steps = [flip_left_right(settings.seed)] if settings.flip else []
    if settings.shift:
        steps.append(shift(settings.shift, "zero"))
    preset = build_augmentation(
        PRESETS[settings.augment],
        border="zeros" if facts["input"][0] == 1 else "reflection",
        mirrored=not are_signs(facts["classes"]),
    )
    if preset:
        steps.append(preset)
    return compose(*steps) if steps else None


def are_signs(classes: Sequence[str]) -> bool:
    """Say whether the classes are digits or letters (names of one character): a 6 upside down is a 9."""
    return all(len(name) == 1 for name in classes)


def mixing(settings: ImageClassificationSettings) -> Mix | None:
    """Return what blends training pictures with each other, or None for nothing; with both, batches take turns."""
    ways = [way(amount) for way, amount in ((mixup, settings.mixup), (cutmix, settings.cutmix)) if amount]
    return choose_mix(*ways) if ways else None


def sheet(stream: ImageStream, classes: Sequence[str]) -> Figure | None:
    """Show some images of different classes, and what training made of them in each of its first epochs.

    None when training shows the images as they are, or shows none of them in each of these epochs.
    """
    if stream.augment is None and stream.mix is None:
        return None
    tiles: list[Tensor] = []
    captions: list[str] = []
    epochs = range(1, SHEET_EPOCHS + 1)
    for image in _shown_always(stream, epochs)[:SHEET_IMAGES]:
        tiles.append(stream.pixels[image])
        captions.append(classes[int(stream.labels[image])] + "\n" + _("original"))
        for epoch in epochs:
            tiles.append(_as_bytes(stream, epoch, image))
            captions.append(_("epoch {number}", number=epoch))
    if not tiles:
        return None
    return Figure(
        "augmentation",
        _("The same pictures in different epochs"),
        contact_sheet(torch.stack(tiles).cpu().numpy(), captions, columns=1 + SHEET_EPOCHS),
        _("Left: a training picture as it is. Then: what training is shown of it in its first epochs."),
    )


def _shown_always(stream: ImageStream, epochs: Sequence[int]) -> list[int]:
    """List images that each of these epochs shows, the first of each class before all others."""
    times = torch.zeros(len(stream.labels), dtype=torch.int64)
    for epoch in epochs:
        times[stream.order(epoch).unique()] += 1
    images = (times == len(epochs)).nonzero().flatten()
    labels = stream.labels[images.to(stream.labels.device)].tolist()
    firsts = {label: place for place, label in reversed(list(enumerate(labels)))}
    chosen = dict.fromkeys([firsts[label] for label in sorted(firsts)] + list(range(len(labels))))
    return [int(images[place]) for place in chosen]


def _as_bytes(stream: ImageStream, epoch: int, image: int) -> UInt8[Tensor, "height width channels"]:
    shown = stream.image_in_epoch(epoch, image)
    assert shown is not None
    mean, std = (torch.tensor(each, device=shown.device) for each in (stream.mean, stream.std))
    return ((shown.permute(1, 2, 0) * std + mean) * 255).round().clamp(0, 255).to(torch.uint8)
