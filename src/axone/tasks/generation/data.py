"""The training images of a generator: square, normalized to -1 ... 1, and read in short epochs."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.images.dataset import Subset
from axone.data.images.normalize import MINUS_ONE_TO_ONE
from axone.data.images.stream import ImageStream, ImageTransform
from axone.data.random import make_generator
from axone.engine.context import BuildContext
from axone.errors import DataError, SettingsError
from axone.messages import _, plural
from axone.tasks.images.settings import ImageDataSettings
from axone.tasks.images.splits import Splits, read_splits

SIDE_STEP = 4  # pixels: the networks halve the side at least once, and the result is even
SMALLEST_SIDE = 8  # pixels
SLOW_SIDE = 64  # pixels: training on larger images takes a CPU hours
FEWEST_IMAGES = 10
MANY_IMAGES = 1000  # with fewer training images a generator soon memorizes them


def read_images(settings: ImageDataSettings, context: BuildContext) -> Splits:
    """Read the images that a generator learns from, with classes or without, and split them.

    Images that are not square, or whose side is not a multiple of 4, are resized.

    Raises:
        SettingsError: `image_size` is not a multiple of 4, or too small.
        DataError: There are fewer than ten training images.
    """
    if settings.image_size % SIDE_STEP or 0 < settings.image_size < SMALLEST_SIDE:
        raise SettingsError(
            _("{name} cannot be '{value}'.", name="image_size", value=settings.image_size),
            expected=_("expected a multiple of {step}, at least {least}", step=SIDE_STEP, least=SMALLEST_SIDE),
        )
    images = read_splits(settings, context, statistics=MINUS_ONE_TO_ONE, labeled=False)
    _channels, height, width = images.facts["input"]
    if height != width or height % SIDE_STEP or height < SMALLEST_SIDE:
        side = max(SMALLEST_SIDE, SIDE_STEP * round(min(height, width) / SIDE_STEP))
        resized = settings.model_copy(update={"image_size": side})
        images = read_splits(resized, context, statistics=MINUS_ONE_TO_ONE, labeled=False)
        images.notes.append(
            _("Images of {width} x {height} pixels are resized to {side} x {side}: the networks need a square whose "
              "side is a multiple of {step}.", width=width, height=height, side=side, step=SIDE_STEP)
        )  # fmt: skip
        height = side
    if len(images.train) < FEWEST_IMAGES and not context.whole:
        raise DataError(
            plural("There is only {count} training image.", "There are only {count} training images.",
                   len(images.train)),
            expected=_("expected at least {count}", count=FEWEST_IMAGES),
            hint=_("use a few thousand images to train a good generator"),
        )  # fmt: skip
    if len(images.train) < MANY_IMAGES:
        images.notes.append(
            _("With so few training images the generator may memorize them: see the nearest training images in the "
              "report.")
        )  # fmt: skip
    if height > SLOW_SIDE and torch.get_num_threads() <= 16 and not torch.cuda.is_available():
        images.notes.append(
            _("Training on images of {side} x {side} pixels takes a CPU hours. For a first try: --image-size {small}",
              side=height, small=SLOW_SIDE)
        )  # fmt: skip
    return images


class ShortEpochs(ImageStream):
    """Training batches whose epochs contain a fixed number of images instead of the whole training set.

    The epochs of one pass over the training set contain different images. The order of each pass is drawn anew. What
    is left over at the end of a pass, less than one epoch, is not used in that pass.

    Args:
        images: The training images.
        images_per_epoch: Images in an epoch, rounded down to whole batches. 0, or more than there are: all images.
        batch_size: The number of images in a batch.
        seed: The seed of the order.
        transform: How pixels become inputs.
    """

    def __init__(
        self, images: Subset, images_per_epoch: int, batch_size: int, seed: int, transform: ImageTransform
    ) -> None:
        super().__init__(images, batch_size=batch_size, seed=seed, drop_last=True, transform=transform)
        available = len(self.indices)
        size = min(images_per_epoch or available, available)
        self.size = max(min(batch_size, available), size // batch_size * batch_size)

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return max(1, self.size // self.batch_size)

    @property
    def samples(self) -> int:
        """The number of images in an epoch."""
        return self.size

    def order(self, epoch: int) -> Int64[Tensor, " samples"]:
        """Return the indices of the images of an epoch (counted from 1), in order."""
        number, part = divmod(epoch - 1, len(self.indices) // self.size)
        shuffled = torch.randperm(len(self.indices), generator=make_generator("order", self.seed, number))
        return self.indices[shuffled[part * self.size : (part + 1) * self.size]]
