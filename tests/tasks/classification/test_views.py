"""Views of an image, and logits averaged over them."""

import torch

from axone.tasks.classification.settings import ImageClassificationSettings
from axone.tasks.classification.views import average_logits, original_and_mirrored, views_of

IMAGES = torch.arange(2 * 1 * 2 * 3, dtype=torch.float32).reshape(2, 1, 2, 3)


def first_column(images):
    return images[:, 0, :, 0]


def test_flip_averages_the_image_and_its_mirror_image():
    assert views_of(ImageClassificationSettings()) is None
    views = views_of(ImageClassificationSettings(flip=True))
    original, mirrored = views(IMAGES)
    assert torch.equal(original, IMAGES) and torch.equal(mirrored[:, 0, :, 0], IMAGES[:, 0, :, 2])


def test_logits_are_the_mean_over_the_views():
    assert torch.equal(average_logits(first_column, IMAGES, None), first_column(IMAGES))
    averaged = average_logits(first_column, IMAGES, original_and_mirrored)
    assert torch.equal(averaged, (IMAGES[:, 0, :, 0] + IMAGES[:, 0, :, 2]) / 2)
