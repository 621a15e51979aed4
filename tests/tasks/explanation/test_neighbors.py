"""The training pictures nearest to another one."""

import pytest
import torch

from axone.data.images.stream import ImageStream
from axone.graph import Conv2d, Flatten, Input, Linear, Model
from axone.tasks.explanation.features import features
from axone.tasks.explanation.neighbors import Album

CLASSES = ["a", "b", "c"]


@pytest.fixture
def network():
    x = Input(1, 6, 6)
    return Model(x, Linear(3)(Linear(12, activation="tanh", name="last")(Flatten()(Conv2d(4, 3)(x))))).eval()


def test_a_training_picture_is_nearest_to_itself(network):
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (40, 6, 6, 1), dtype=torch.uint8, generator=generator)
    members = torch.arange(0, 40, 2)
    stream = ImageStream(pixels, torch.arange(40) % 3, indices=members, batch_size=8, mean=(0.5,), std=(0.3,))
    album = Album.collect(network, "last", stream, CLASSES)
    for batch in stream.batches(1):
        for picture, target, index in zip(batch.inputs, batch.targets, batch.index):
            first, second = album.nearest(features(network, picture[None], "last")[0], 2)
            assert first.index == index and first.label == CLASSES[target]
            assert first.similarity == pytest.approx(1, abs=1e-5) and second.similarity < 1
            assert (first.pixels == pixels[index].numpy()).all()


def test_nearness_is_the_cosine():
    vectors = torch.tensor([[1.0, 0.0], [3.0, 3.0], [-5.0, 0.0], [0.0, 0.0]])
    pixels = torch.zeros(9, 1, 1, 1, dtype=torch.uint8)
    album = Album(vectors, torch.tensor([0, 1, 2, 0]), torch.tensor([8, 7, 6, 5]), pixels, CLASSES)
    found = album.nearest(torch.tensor([10.0, 0.0]), 4)
    assert [one.index for one in found] == [8, 7, 5, 6]
    assert [one.similarity for one in found] == pytest.approx([1, 0.5**0.5, 0, -1])
    assert len(album.nearest(torch.tensor([1.0, 1.0]), 2)) == 2
