"""Training images of generators: sides that can be halved, folders that cannot be used, and short epochs."""

import numpy as np
import pytest
import torch
from PIL import Image

from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.stream import ImageTransform
from axone.engine.context import IN_MEMORY, BuildContext
from axone.errors import DataError, SettingsError
from axone.settings import resolve
from axone.tasks.generation.data import ShortEpochs, read_images
from axone.tasks.images.settings import ImageDataSettings
from tests.helpers.data.images import folder, noise


def read(data, **settings):
    return read_images(resolve(ImageDataSettings, {"data": str(data), **settings}), BuildContext())


def short_epochs(count, images_per_epoch, batch_size):
    pixels = torch.arange(count, dtype=torch.uint8)[:, None, None, None]
    images = Subset.all(ImageDataset.from_pixels(pixels, torch.zeros(count, dtype=torch.int64)))
    return ShortEpochs(images, images_per_epoch, batch_size, 3, ImageTransform())


@pytest.mark.parametrize(("count", "images_per_epoch", "batch_size", "size"), [
    (100, 30, 10, 30), (100, 37, 10, 30), (100, 0, 10, 100), (100, 500, 8, 96), (20, 5, 8, 8), (5, 3, 8, 5),
    (1, 0, 4, 1),
])  # fmt: skip
def test_an_epoch_has_whole_batches(count, images_per_epoch, batch_size, size):
    stream = short_epochs(count, images_per_epoch, batch_size)
    assert stream.samples == size == sum(len(batch.inputs) for batch in stream.batches(1))
    assert len(stream) == len(list(stream.batches(1)))


def test_the_epochs_of_one_pass_contain_each_image_once():
    stream = short_epochs(60, 20, 10)
    epochs = [torch.cat([batch.index for batch in stream.batches(epoch)]) for epoch in range(1, 7)]
    for images in (epochs[:3], epochs[3:]):
        assert torch.cat(images).sort().values.tolist() == list(range(60))
    assert epochs[0].tolist() != epochs[3].tolist()


def test_an_epoch_can_be_entered_at_any_batch():
    stream = short_epochs(60, 20, 10)
    later = [batch.index.tolist() for batch in stream.batches(5, 1)]
    assert later == [batch.index.tolist() for batch in stream.batches(5)][1:]


def test_images_in_memory_need_no_classes():
    pixels = np.random.default_rng(0).integers(0, 17, (30, 12, 12))
    context = BuildContext(data=pixels)
    images = read_images(resolve(ImageDataSettings, {"data": IN_MEMORY}), context)
    assert images.facts["input"] == [1, 12, 12] and images.facts["scale"]["high"] == 16
    assert images.train.pixels.max() == 255


def test_images_of_several_sizes_are_resized_to_one_square(tmp_path):
    for number in range(24):
        size = (14, 18) if number % 2 else (30, 13)
        Image.fromarray(noise(*size, channels=1, seed=number)).save(tmp_path / f"{number}.png")
    images = read(tmp_path)
    channels, height, width = images.facts["input"]
    assert channels == 1 and height == width and height % 4 == 0
    assert any("are resized to" in note for note in images.notes)
    assert read(tmp_path, image_size=20).facts["input"] == [1, 20, 20]


def test_pixels_are_normalized_to_minus_one_to_one(tmp_path):
    facts = read(folder(tmp_path, {"a": 20, "b": 20})).facts
    assert facts["mean"] == [0.5] * 3 and facts["std"] == [0.5] * 3


@pytest.mark.parametrize("side", [30, 4, 6])
def test_a_side_that_cannot_be_halved_is_refused_before_anything_is_read(side):
    with pytest.raises(SettingsError) as refused:
        read("nowhere", image_size=side)
    assert "multiple of 4" in refused.value.expected


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="empty"):
        read(folder(tmp_path / "empty", {"a": 0}).parent / "empty")


@pytest.mark.parametrize("count", [1, 2, 11])  # of eleven some are held out
def test_too_few_images_are_refused(tmp_path, count):
    with pytest.raises(DataError, match=r"There (?:is|are) only") as refused:
        read(folder(tmp_path, {"a": count}))
    assert refused.value.expected == "expected at least 10"


def test_few_images_are_noted(tmp_path):
    images = read(folder(tmp_path, {"a": 20, "b": 20}))
    assert any("may memorize" in note for note in images.notes)
