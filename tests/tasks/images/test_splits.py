"""Pictures for training, validation and test: the split, the statistics, the fingerprint, and sets without classes."""

import numpy as np
import pytest
import torch
from PIL import Image

from axone import catalogue
from axone.data.images.dataset import ImageDataset, Subset
from axone.data.images.load import load_images
from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.settings import resolve
from axone.tasks.images.settings import ImageDataSettings
from axone.tasks.images.splits import compute_fingerprint, read_splits


def build(**given):
    module = catalogue.load(catalogue.find("cnn"))
    return module.build(resolve(module.Settings, given), BuildContext())


def test_the_split_holds_out_the_share_of_each_class():
    experiment = build(limit=1000, validation=0.2)
    samples = experiment.facts["samples"]
    assert samples["train"] + samples["validation"] == 1000 and samples["test"] == len(load_images().test)
    kept, held = (
        stream.labels[stream.indices].bincount(minlength=10) for stream in (experiment.train, experiment.validation)
    )
    assert ((held.float() / (kept + held)) - 0.2).abs().max() < 0.02


def test_no_held_out_image_is_trained_on():
    experiment = build(limit=400, validation=0.25)
    seen, held = (
        {image.numpy().tobytes() for image in stream.pixels[stream.indices]}
        for stream in (experiment.train, experiment.validation)
    )
    assert len(seen) + len(held) == 400 and not seen & held


def test_the_statistics_are_those_of_the_training_part():
    experiment = build(limit=300)
    pixels = experiment.train.pixels[experiment.train.indices].double() / 255
    assert experiment.facts["mean"] == pytest.approx([pixels.mean().item()])
    assert experiment.facts["std"] == pytest.approx([pixels.std(unbiased=False).item()])


def test_the_fingerprint_sees_one_changed_pixel_or_label():
    def mark():
        return compute_fingerprint(Subset(ImageDataset.from_pixels(pixels, labels), torch.tensor([2, 0])))

    pixels, labels = torch.zeros(3, 4, 4, 1, dtype=torch.uint8), torch.zeros(3, dtype=torch.int64)
    seen = [mark()]
    pixels[1, 3, 3, 0] = 1  # not a member
    assert mark() == seen[0]
    pixels[2, 3, 3, 0] = 1
    seen.append(mark())
    labels[0] = 1
    seen.append(mark())
    assert len(set(seen)) == 3


@pytest.fixture
def heap(tmp_path):
    """Twenty pictures in one folder, without classes."""
    chance = np.random.default_rng(0)
    for number in range(20):
        pixels = chance.integers(0, 256, (12, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number:02}.png")
    return tmp_path


def test_pictures_without_classes_are_read_where_none_are_needed(heap):
    parts = read_splits(resolve(ImageDataSettings, {"data": str(heap)}), BuildContext(), labeled=False)
    assert parts.facts["samples"] == {"train": 15, "validation": 2, "test": 3}
    assert parts.facts["classes"] == [heap.name] and parts.facts["input"] == [3, 12, 12]
    with pytest.raises(DataError, match="no class folders"):
        read_splits(resolve(ImageDataSettings, {"data": str(heap)}), BuildContext())


def test_parts_without_classes_are_read_too(heap):
    for part, names in (("train", range(10)), ("test", range(10, 20))):
        (heap / part).mkdir()
        for number in names:
            (heap / f"{number:02}.png").rename(heap / part / f"{number:02}.png")
    parts = read_splits(resolve(ImageDataSettings, {"data": str(heap)}), BuildContext(), labeled=False)
    assert parts.facts["samples"] == {"train": 9, "validation": 1, "test": 10}
