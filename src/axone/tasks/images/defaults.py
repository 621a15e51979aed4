"""The rules by which systems for images choose what their settings leave open: by the number and the size of images.

Each rule is a pure function of counts, sizes and settings, and all of them are in this file. `completion.py` applies
them where a setting was not set explicitly, and says so before the training. They were tuned with
benchmarks/first_contact.py, whose image sets have 8 to 30 images of each class.

    batch size      an eighth of the training images as a power of two, from 8 to the system's default
    epochs          as many as give a number of training steps, at least the system's default
    validation      below UNDIVIDED images: none, and the model is that of the last epoch
    augmentation    below FEW images: affine, which mirrors nothing, because left and right may be the classes
    image size      128 pixels at most, less for many images, so that a training takes a processor minutes
    network of cnn  the course's network up to COURSE_SIDE pixels and for elongated images, whose ends may differ; fast
                    for larger images, and below FEW images; for few photographs the head of EfficientNet-Lite0, where
                    its ImageNet weights are installed
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

FEW = 2000  # training images below which augmentation and network follow the number of images
UNDIVIDED = 2000  # training images of a classifier below which none are held out for validation
SMALLEST_BATCH, BATCHES = 8, 8  # images in a batch, at least; batches in an epoch, about
STEPS = 500  # training steps of a classifier, at least
FINE_TUNING_STEPS = 100  # training steps from pretrained weights, at least
HEAD_STEPS = 60  # training steps of the last layer of a pretrained network, at least
RECONSTRUCTION_STEPS = 600  # training steps of an autoencoder, at least

LARGEST_SIDE, SMALLEST_SIDE, SIDE_STEP = 128, 64, 16  # pixels to which larger images are resized
FINE_TUNING_SIDE = 160  # pixels to which images are resized for a training that starts from pretrained weights
FEATURES_SIDE = 224  # pixels of images whose features are computed once
PHOTOGRAPH_SIDE = 64  # pixels; color images that are not smaller are taken for photographs
SMALL_NETWORK_SIDE = 56  # pixels to which images are resized for vgg, resnet, inception and mobilenet from scratch
PIXELS = 150_000_000  # that a training processes, about: minutes on two cores

COURSE_SIDE = 41  # pixels; two convolutions and poolings leave 5 x 5 of 28 x 28 pixels, and 8 x 8 of 41 x 41
UNPADDED_SIDE = 10  # pixels; of fewer, two convolutions without padding leave nothing to pool
ELONGATED = 1.5  # ratio of the longer to the shorter side
USUAL_NETWORK = "course"  # which is not worth a sentence where it is chosen
COURSE_CHANNELS, MOST_CHANNELS = (32, 64), 256
MAP_SIDE = 7  # pixels of the last feature maps of the fast network, about
FAST_CHANNELS = (16, 32, 64, 128, 128)  # the first of them once, or for each further pooling, or not at all

# Settings of one architecture go together: the network "fast" is trained as its preset trains it.
FAST: dict[str, Any] = {
    "padding": "same",
    "dense": (),
    "optimizer": "muon",
    "learning_rate": 0.01,
    "label_smoothing": 0.1,
}
# Only the head is trained, on features that are computed once: nothing may change the images.
PRETRAINED: dict[str, Any] = {
    "network": "efficientnet-lite0",
    "image_size": FEATURES_SIDE,
    "augment": "none",
    "flip": False,
    "shift": 0,
    "optimizer": "adamw",
    "learning_rate": 0.01,
}
# Settings that describe the course's network: whoever sets one of them wants that network.
COURSE_SETTINGS = ("channels", "kernel_size", "stride", "padding", "pooling", "dense", "dropout")


def choose_batch_size(images: int, default: int) -> int:
    """Return the batch size for a number of training images: at most the system's default."""
    return min(default, max(SMALLEST_BATCH, 2 ** math.floor(math.log2(max(1.0, images / BATCHES)))))


def choose_epochs(images: int, batch_size: int, default: int, steps: int = STEPS) -> int:
    """Return the number of epochs that give `steps` training steps: at least the system's default.

    A last batch that is smaller than the others is not used, unless it is the only one.
    """
    return max(default, math.ceil(steps / max(1, images // batch_size)))


def choose_validation(images: int) -> dict[str, Any]:
    """Return the fraction of the training images to hold out for validation; none for many images: the system's own.

    A loss on few images chooses an epoch almost at random, and each image that is held out is missing in training.

    Args:
        images: The number of images to train on if none are held out.
    """
    return {"validation": 0.0} if images < UNDIVIDED else {}


def choose_augmentation(images: int) -> dict[str, Any]:
    """Return the settings of the augmentation of training images; none for many images: those of the system."""
    return {"augment": "affine", "flip": False, "shift": 0} if images < FEW else {}


def choose_side(side: int, passes: int, largest: int = LARGEST_SIDE) -> int:
    """Return the side in pixels to which images are resized; 0: they stay as they are.

    Args:
        side: The side of the images.
        passes: How often an image is processed in the training, all images and epochs together.
        largest: The largest side for the network.
    """
    affordable = SIDE_STEP * round(math.sqrt(PIXELS / passes) / SIDE_STEP)
    chosen = min(largest, max(SMALLEST_SIDE, affordable))
    return chosen if side > chosen else 0


def choose_cnn(
    settings: Mapping[str, Any],
    explicit: frozenset[str],
    side: int | None,
    images: int | None = None,
    *,
    elongated: bool = False,
    pretrained: bool = False,
) -> dict[str, Any]:
    """Return the settings of the cnn's network for images of a size.

    Args:
        settings: The settings; `network` may be "auto".
        explicit: The names of the settings that were set explicitly.
        side: The shorter side of the images in pixels; None: that of the course's images.
        images: The number of training images; None: not known, or many.
        elongated: Whether they are much longer than wide: their ends may differ, so the network keeps positions.
        pretrained: Whether pretrained weights are there, and suit these images.
    """
    network = settings["network"]
    if network == "efficientnet-lite0" or (
        network == "auto" and pretrained and not elongated and not explicit & set(COURSE_SETTINGS)
    ):
        return PRETRAINED
    if network == "auto":
        is_course = side is None or elongated or explicit & set(COURSE_SETTINGS) or (
            side <= COURSE_SIDE and (images is None or images >= FEW)
        )  # fmt: skip
        network = "course" if is_course else "fast"
    if side is None:
        return {"network": network}
    if network == "fast":
        return {"network": network, "channels": choose_fast_channels(side), **FAST}
    padding = "valid" if side >= UNPADDED_SIDE else "same"
    return {"network": network, "channels": choose_course_channels(side), "padding": padding}


def is_elongated(height: int, width: int) -> bool:
    """Return whether one side of an image is much longer than the other, so that its ends may show different things."""
    return max(height, width) >= ELONGATED * min(height, width)


def are_few_photographs(images: int, side: int | None, channels: int) -> bool:
    """Return whether pretrained weights of photographs help: few images in color that are not small."""
    return images < FEW and side is not None and side >= PHOTOGRAPH_SIDE and channels == 3


def choose_course_channels(side: int) -> tuple[int, ...]:
    """Return the kernels of each convolution of the course's network: more convolutions for larger images.

    Each convolution 3x3 without padding is followed by max pooling 2x2. Poolings continue until the maps have the
    sides that the course's two make of COURSE_SIDE pixels, because the dense layer has weights for each position.
    """
    channels = list(COURSE_CHANNELS)
    while side > COURSE_SIDE:
        channels.append(min(2 * channels[-1], MOST_CHANNELS))
        side = (side - 2) // 2
    return tuple(channels)


def choose_fast_channels(side: int) -> tuple[int, ...]:
    """Return the kernels of each convolution of the fast network; all but the last two are followed by max pooling."""
    poolings = max(2, round(math.log2(max(1, side) / MAP_SIDE)))
    return (FAST_CHANNELS[0],) * (poolings - 2) + FAST_CHANNELS[1:]
