"""Images for training, validation and test: the split, the statistics, the fingerprint, and data without classes."""

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


def build(**changes):
    module = catalogue.load(catalogue.find("cnn"))
    return module.build(resolve(module.Settings, changes), BuildContext())


def test_the_same_share_of_each_class_is_held_out():
    experiment = build(limit=1000, validation=0.2)
    samples = experiment.facts["samples"]
    assert samples["train"] + samples["validation"] == 1000 and samples["test"] == len(load_images().test)
    training, held_out = (
        stream.labels[stream.indices].bincount(minlength=10) for stream in (experiment.train, experiment.validation)
    )
    assert ((held_out.float() / (training + held_out)) - 0.2).abs().max() < 0.02


def test_no_validation_image_is_in_the_training_set():
    experiment = build(limit=400, validation=0.25)
    train, validation = (
        {image.numpy().tobytes() for image in stream.pixels[stream.indices]}
        for stream in (experiment.train, experiment.validation)
    )
    assert len(train) + len(validation) == 400 and not train & validation


def test_mean_and_std_are_those_of_the_training_set():
    experiment = build(limit=300)
    pixels = experiment.train.pixels[experiment.train.indices].double() / 255
    assert experiment.facts["mean"] == pytest.approx([pixels.mean().item()])
    assert experiment.facts["std"] == pytest.approx([pixels.std(unbiased=False).item()])


def test_the_fingerprint_changes_with_one_pixel_or_label():
    def fingerprint():
        return compute_fingerprint(Subset(ImageDataset.from_pixels(pixels, labels), torch.tensor([2, 0])))

    pixels, labels = torch.zeros(3, 4, 4, 1, dtype=torch.uint8), torch.zeros(3, dtype=torch.int64)
    fingerprints = [fingerprint()]
    pixels[1, 3, 3, 0] = 1  # an image outside the subset
    assert fingerprint() == fingerprints[0]
    pixels[2, 3, 3, 0] = 1
    fingerprints.append(fingerprint())
    labels[0] = 1
    fingerprints.append(fingerprint())
    assert len(set(fingerprints)) == 3


@pytest.fixture
def unlabeled(tmp_path):
    """A folder of twenty images without class folders."""
    random = np.random.default_rng(0)
    for number in range(20):
        pixels = random.integers(0, 256, (12, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number:02}.png")
    return tmp_path


def test_images_without_classes_are_read_where_none_are_needed(unlabeled):
    splits = read_splits(resolve(ImageDataSettings, {"data": str(unlabeled)}), BuildContext(), labeled=False)
    assert splits.facts["samples"] == {"train": 15, "validation": 2, "test": 3}
    assert splits.facts["classes"] == [unlabeled.name] and splits.facts["input"] == [3, 12, 12]
    with pytest.raises(DataError, match="no class folders"):
        read_splits(resolve(ImageDataSettings, {"data": str(unlabeled)}), BuildContext())


def test_folders_of_splits_without_classes_are_read(unlabeled):
    for part, names in (("train", range(10)), ("test", range(10, 20))):
        (unlabeled / part).mkdir()
        for number in names:
            (unlabeled / f"{number:02}.png").rename(unlabeled / part / f"{number:02}.png")
    splits = read_splits(resolve(ImageDataSettings, {"data": str(unlabeled)}), BuildContext(), labeled=False)
    assert splits.facts["samples"] == {"train": 9, "validation": 1, "test": 10}
