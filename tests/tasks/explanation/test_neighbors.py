"""The training images most similar to another one."""

import pytest
import torch

from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.stream import ImageStream, ImageTransform
from axone.graph import Conv2d, Flatten, Input, Linear, Model
from axone.tasks.explanation.features import compute_features
from axone.tasks.explanation.neighbors import FeatureIndex

CLASSES = ["a", "b", "c"]


@pytest.fixture
def network():
    x = Input(1, 6, 6)
    return Model(x, Linear(3)(Linear(12, activation="tanh", name="last")(Flatten()(Conv2d(4, 3)(x))))).eval()


def test_a_training_image_is_most_similar_to_itself(network):
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (40, 6, 6, 1), dtype=torch.uint8, generator=generator)
    indices = torch.arange(0, 40, 2)
    images = ImageDataset.from_pixels(pixels, torch.arange(40) % 3)
    stream = ImageStream(Subset(images, indices), batch_size=8, transform=ImageTransform((0.5,), (0.3,)))
    feature_index = FeatureIndex.build(network, "last", stream, CLASSES)
    for batch in stream.batches(1):
        for image, target, index in zip(batch.inputs, batch.targets, batch.index):
            first, second = feature_index.find_nearest(compute_features(network, image[None], "last")[0], 2)
            assert first.index == index and first.label == CLASSES[target]
            assert first.similarity == pytest.approx(1, abs=1e-5) and second.similarity < 1
            assert (first.pixels == pixels[index].numpy()).all()


def test_similarity_is_the_cosine():
    features = torch.tensor([[1.0, 0.0], [3.0, 3.0], [-5.0, 0.0], [0.0, 0.0]])
    pixels = torch.zeros(9, 1, 1, 1, dtype=torch.uint8)
    feature_index = FeatureIndex(features, torch.tensor([0, 1, 2, 0]), torch.tensor([8, 7, 6, 5]), pixels, CLASSES)
    nearest = feature_index.find_nearest(torch.tensor([10.0, 0.0]), 4)
    assert [one.index for one in nearest] == [8, 7, 5, 6]
    assert [one.similarity for one in nearest] == pytest.approx([1, 0.5**0.5, 0, -1])
    assert len(feature_index.find_nearest(torch.tensor([1.0, 1.0]), 2)) == 2
