"""The inputs of trees on raw pixels, and the accuracy of the comparison. Training is tested in test_cnn_xgboost.py."""

import pytest
import torch

from axone.data.images.stream import ImageStream
from axone.tasks.trees.fitting import compute_accuracy, flatten_pixels


@pytest.mark.parametrize(
    ("shape", "values"), [((3, 32, 32), 3072), ((3, 64, 64), 3072), ((1, 28, 28), 784), ((1, 60, 60), 1024)]
)
def test_pixels_are_flattened_and_large_images_averaged_first(shape, values):
    assert flatten_pixels(torch.zeros(2, *shape)).shape == (2, values)


def test_accuracy_is_the_share_of_correct_answers_averaged_over_views():
    pixels = torch.zeros(4, 1, 2, 1, dtype=torch.uint8)
    pixels[:2, 0, 0] = 200  # bright on the left
    stream = ImageStream.from_pixels(pixels, torch.tensor([1, 1, 0, 0]), batch_size=3, shuffle=False)

    def logits(images):  # class 1: brighter on the left than on the right
        left, right = images[:, 0, 0, 0], images[:, 0, 0, 1]
        return torch.stack([torch.full_like(left, 0.1), left - right], 1)

    assert compute_accuracy(logits, stream) == 1.0
    # The logits of an image and its mirror image cancel, so that class 0 always wins.
    assert compute_accuracy(logits, stream, lambda images: (images, images.flip(3))) == 0.5
    assert compute_accuracy(lambda images: -logits(images), stream) == 0.0
