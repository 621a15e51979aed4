"""From an image classifier's settings to the augmentation of its training images, and a figure that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Tensor

from axone.data.images.augment.base import compose, flip_left_right, shift
from axone.data.images.augment.mixing import choose_mix, cutmix, mixup
from axone.data.images.augment.presets import PRESETS, build_augmentation
from axone.data.images.dataset import Subset
from axone.data.images.stream import Augment, ImageStream, Mix
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import Figure
from axone.messages import _
from axone.tasks.classification.settings import ImageClassificationSettings

SAMPLE, BLACK = 1000, 32  # images and gray level, of 255, by which a background counts as black
FIGURE_IMAGES, FIGURE_EPOCHS = 6, 6


def choose_augmentation(
    settings: ImageClassificationSettings, facts: Mapping[str, Any], images: Subset
) -> Augment | None:
    """Return the random change of training images that the settings ask for, or None for no change.

    Black fills what moves in from outside of gray images with a black background. Other images are continued by
    reflection: in a gray photograph, black corners and edges would be shapes that no image has.

    Args:
        settings: The settings of the classifier.
        facts: With the shape of the input and the classes.
        images: The training images, for their background.
    """
    steps = [flip_left_right(settings.seed)] if settings.flip else []
    if settings.shift:
        steps.append(shift(settings.shift, "zero"))
    preset = build_augmentation(
        PRESETS[settings.augment],
        border="zeros" if facts["input"][0] == 1 and has_black_background(images) else "reflection",
        flips=not are_characters(facts["classes"]),
    )
    if preset:
        steps.append(preset)
    return compose(*steps) if steps else None


def has_black_background(images: Subset) -> bool:
    """Return whether most of the outermost pixels of images are nearly black, judged by the first thousand images."""
    pixels = images.dataset.pixels[images.indices[:SAMPLE]]  # [samples, height, width, channels]
    ends = [pixels[:, [0, -1]].flatten(), pixels[:, :, [0, -1]].flatten()]
    return bool(torch.cat(ends).median() < BLACK) if len(pixels) else True


def are_characters(classes: Sequence[str]) -> bool:
    """Return whether all names of classes are single characters: digits and letters must not be mirrored."""
    return all(len(name) == 1 for name in classes)


def choose_mixing(settings: ImageClassificationSettings) -> Mix | None:
    """Return the mixing of training images that the settings ask for, or None. With both kinds, batches draw one."""
    methods = [method(alpha) for method, alpha in ((mixup, settings.mixup), (cutmix, settings.cutmix)) if alpha]
    return choose_mix(*methods) if methods else None


def draw_augmentation(stream: ImageStream, classes: Sequence[str]) -> Iterable[Figure]:
    """Draw some images of different classes, each as it is and as the first epochs augment it.

    Nothing is drawn where training does not change the images, or no image is part of each of these epochs.
    """
    if stream.transform.augment is None and stream.transform.mix is None:
        return
    tiles: list[Tensor] = []
    captions: list[str] = []
    epochs = range(1, FIGURE_EPOCHS + 1)
    for image in _find_in_all_epochs(stream, epochs)[:FIGURE_IMAGES]:
        tiles.append(stream.pixels[image])
        captions.append(classes[int(stream.labels[image])] + "\n" + _("original"))
        for epoch in epochs:
            tiles.append(_augmented_pixels(stream, epoch, image))
            captions.append(_("epoch {number}", number=epoch))
    if tiles:
        yield Figure(
            "augmentation",
            _("The same images in different epochs"),
            draw_contact_sheet(torch.stack(tiles).cpu().numpy(), captions, columns=1 + FIGURE_EPOCHS),
            _("Left: a training image as it is. Then: the same image as augmented in the first epochs."),
        )


def _find_in_all_epochs(stream: ImageStream, epochs: Sequence[int]) -> list[int]:
    """Return the indices of images that are part of each of these epochs, the first of each class before all others."""
    counts = torch.zeros(len(stream.labels), dtype=torch.int64)
    for epoch in epochs:
        counts[stream.order(epoch).unique()] += 1
    images = (counts == len(epochs)).nonzero().flatten()
    labels = stream.labels[images.to(stream.labels.device)].tolist()
    first_of_class = {label: position for position, label in reversed(list(enumerate(labels)))}
    order = dict.fromkeys([first_of_class[label] for label in sorted(first_of_class)] + list(range(len(labels))))
    return [int(images[position]) for position in order]


def _augmented_pixels(stream: ImageStream, epoch: int, image: int) -> UInt8[Tensor, "height width channels"]:
    """Return an image as an epoch augments it, with the normalization undone."""
    inputs = stream.read_image(image, epoch)  # [channels, height, width]
    assert inputs is not None
    mean, std = (torch.tensor(values, device=inputs.device) for values in (stream.transform.mean, stream.transform.std))
    return ((inputs.permute(1, 2, 0) * std + mean) * 255).round().clamp(0, 255).to(torch.uint8)
