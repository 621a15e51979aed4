"""How many images a source has, and how large they are, before any of them is decoded: what default settings follow.

A folder is listed, and the headers of some of its files are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from axone.data.datasets.registry import DATASETS
from axone.data.images.cache.shape import infer_shape, sample_headers
from axone.data.images.decode.file import Header
from axone.data.images.folders.listing import list_folder
from axone.data.images.in_memory.collection import collect_images
from axone.data.images.load import DEFAULT, TEST_FRACTION
from axone.engine.context import BuildContext
from axone.errors import AxoneError
from axone.settings import Settings
from axone.tasks.images.defaults import is_elongated

MANY = 1_000_000  # stands for the number of images of a data set with a name


@dataclass(frozen=True)
class ImageSurvey:
    """What is known of a source of images before they are decoded.

    Args:
        images: The number of images to train on, without those that are held out for validation and test.
        classes: The number of classes; 1 for images without classes.
        side: The shorter side of the images in pixels, as they would be read without `image_size`; of a folder, the
            median of a sample, at most 224. None: not known.
        channels: 1 (gray) or 3 (color).
        is_elongated: Whether they stay rectangles whose longer side is much longer: `defaults.is_elongated`.
        held_out: The number of images that are held out of the source's own training images for validation.
        has_validation: Whether the source brings validation images of its own.
    """

    images: int
    classes: int
    side: int | None
    channels: int
    is_elongated: bool = False
    held_out: int = 0
    has_validation: bool = False

    @property
    def undivided(self) -> int:
        """The number of images to train on if none are held out for validation."""
        return self.images + self.held_out


def survey_images(settings: Settings, context: BuildContext, *, labeled: bool = True) -> ImageSurvey | None:
    """Count the images that `settings.data` names and read their sizes.

    Returns None for a source that cannot be read: reading it says why.
    """
    try:
        survey = _survey(context.source(settings.data), labeled)
    except (AxoneError, OSError):
        return None
    images = max(1, min(survey.images, settings.limit or survey.images))
    remaining = images if survey.has_validation else max(1, round(images * (1 - settings.validation)))
    return replace(survey, images=remaining, held_out=images - remaining)


def _survey(source: Any, labeled: bool) -> ImageSurvey:
    """Return the survey of all images that are neither for testing nor in a validation folder."""
    if not isinstance(source, str):
        collection = collect_images(source, labeled=labeled)
        headers = [Header(each.shape[1], each.shape[0], each.shape[2], False) for each in collection.images]
        images = round(len(headers) * (1 - TEST_FRACTION)) if collection.is_whole else len(headers)
        return _describe(headers, images, len(collection.classes))
    if source == "" or source in DATASETS:
        classes = len(DATASETS[source or DEFAULT].classes)
        return ImageSurvey(MANY, classes, None, 1)
    listing = list_folder(Path(source).expanduser(), labeled)
    counts = {split: sum(file.split == split for file in listing.files) for split in ("train", "validation", "test")}
    images = counts["train"] if counts["test"] else round(counts["train"] * (1 - TEST_FRACTION))
    survey = _describe(sample_headers(listing), images, len(listing.classes))
    return replace(survey, has_validation=counts["validation"] > 0)


def _describe(headers: Sequence[Header], images: int, classes: int) -> ImageSurvey:
    height, width, channels = infer_shape(headers, None, None)
    return ImageSurvey(images, classes, min(height, width), channels, is_elongated(height, width))
