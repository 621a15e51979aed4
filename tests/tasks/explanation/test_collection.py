"""Features of all images of a stream: each image once, unchanged, with its class and its index."""

import pytest
import torch

from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.stream import ImageStream, ImageTransform
from axone.tasks.explanation.collection import collect_features


@pytest.fixture
def stream():
    """A training stream of four of seven images, whose augmentation makes them black; image n has pixels of value n."""
    pixels = torch.arange(7, dtype=torch.uint8)[:, None, None, None].repeat(1, 2, 2, 1)
    images = Subset(ImageDataset.from_pixels(pixels, torch.arange(7) % 3), torch.tensor([6, 1, 3, 5]))
    blacken = ImageTransform((0.0,), (1 / 255,), augment=lambda pixels, *_: pixels * 0)
    return ImageStream(images, batch_size=3, drop_last=True, transform=blacken)


def first_pixel(images):
    return images[:, 0, 0, :1]


def test_each_image_is_collected_once_and_unchanged(stream):
    calls = []
    features, targets, indices = collect_features(first_pixel, stream, lambda done, total: calls.append((done, total)))
    assert features.flatten().tolist() == pytest.approx([6, 1, 3, 5])
    assert targets.tolist() == [0, 1, 0, 2] and indices.tolist() == [6, 1, 3, 5]
    assert calls == [(1, 1)]


def test_each_view_is_an_example_of_its_own(stream):
    features, targets, indices = collect_features(first_pixel, stream, views=lambda images: (images, -images))
    assert features.flatten().tolist() == pytest.approx([6, 1, 3, 5, -6, -1, -3, -5])
    assert targets.tolist() == [0, 1, 0, 2] * 2 and indices.tolist() == [6, 1, 3, 5] * 2


def test_the_stream_itself_is_not_changed(stream):
    collect_features(first_pixel, stream)
    assert stream.transform.augment is not None and stream.batch_size == 3 and stream.drop_last
