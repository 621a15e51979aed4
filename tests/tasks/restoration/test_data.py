"""Streams of noisy and clean patches: whole small images, patches of large ones, pairs, and what the notes say."""

import numpy as np
import torch
from PIL import Image

from axone.data.images.load import load_images
from axone.engine.context import BuildContext
from axone.settings import resolve
from axone.tasks.restoration.data import read_noisy_data
from axone.tasks.restoration.settings import RestorationSettings
from tests.helpers.data.images import noise


def read(**settings):
    return read_noisy_data(resolve(RestorationSettings, settings), BuildContext())


def write_images(folder, count, *sizes, seed=0):
    folder.mkdir(parents=True)
    for k in range(count):
        Image.fromarray(noise(*sizes[k % len(sizes)], seed=seed + k)).save(folder / f"{k:02}.png")
    return folder


def test_small_images_of_a_known_dataset_are_used_whole():
    data = read(limit=200, validation=0.2)
    assert data.facts["input"] == [1, 28, 28] and data.train.whole_images
    assert data.facts["samples"] == {"train": 160, "validation": 40, "test": len(load_images().test)}
    targets = torch.cat([batch.targets for batch in data.test.batches(1)])
    assert torch.equal((targets[:, 0] * 255).round().byte(), load_images().test.pixels[..., 0])
    assert any("Random noise at each step" in note for note in data.notes)


def test_training_and_validation_share_no_image():
    data = read(limit=300, validation=0.3)
    training, held_out = (set(stream.indices.tolist()) for stream in (data.train, data.validation))
    assert len(training) == 210 and len(held_out) == 90 and not training & held_out


def test_patches_are_cropped_from_large_images(tmp_path):
    data = read(data=str(write_images(tmp_path / "photos", 12, (90, 70), (40, 130), (70, 200))), patches=300)
    assert data.facts["input"] == [3, 64, 64] and not data.train.whole_images and data.train.patches >= 300
    assert next(iter(data.train.batches(1))).inputs.shape == (128, 3, 64, 64)
    assert any("Patches of 64 x 64" in note for note in data.notes)


def test_patches_are_not_larger_than_the_median_of_the_shorter_sides(tmp_path):
    assert read(data=str(write_images(tmp_path / "a", 9, (40, 50)))).facts["input"] == [3, 40, 40]
    assert read(data=str(write_images(tmp_path / "b", 9, (40, 50))), image_size=24).facts["input"] == [3, 24, 24]
    assert read(data=str(write_images(tmp_path / "c", 9, (5, 7)))).facts["input"] == [3, 16, 16]


def test_a_single_image_leaves_none_to_evaluate_on(tmp_path):
    data = read(data=str(write_images(tmp_path / "one", 1, (30, 30))))
    assert data.validation is None and data.test is None and len(data.train) == 1
    assert any("too few" in note for note in data.notes)


def test_pairs_are_cropped_at_the_same_position_and_get_no_other_noise(tmp_path):
    sizes = [((20, 20), (33, 20))[k % 2] for k in range(10)]
    clean = write_images(tmp_path / "clean", 10, *sizes[:2])
    noisy = write_images(tmp_path / "noisy", 10, *sizes[:2], seed=50)
    data = read(data=str(clean), noisy=str(noisy), image_size=16)
    batch = next(iter(data.test.batches(1)))
    target, patch = ((each[0].permute(1, 2, 0) * 255).round().byte().numpy() for each in (batch.targets, batch.inputs))
    pairs = [(noise(*size, seed=k), noise(*size, seed=50 + k)) for k, size in enumerate(sizes)]
    positions = [
        (partner, top, left)
        for original, partner in pairs
        for top in range(len(original) - 15)
        for left in range(5)
        if np.array_equal(original[top : top + 16, left : left + 16], target)
    ]
    ((partner, top, left),) = positions
    assert np.array_equal(partner[top : top + 16, left : left + 16], patch)
    assert any("not used" in note for note in data.notes)
