"""Images at their own size, alone or in pairs, and their splits."""

import pytest
import torch
from PIL import Image

from axone.engine.context import IN_MEMORY, BuildContext
from axone.errors import DataError
from axone.settings import resolve
from axone.tasks.restoration.settings import RestorationSettings
from axone.tasks.restoration.source import read_source, split_images
from tests.helpers.data.images import noise


def read(facts=None, **settings):
    return read_source(resolve(RestorationSettings, settings), BuildContext(facts=facts))


def write_images(folder, count, *sizes, seed=0):
    folder.mkdir(parents=True)
    for k in range(count):
        Image.fromarray(noise(*sizes[k % len(sizes)], seed=seed + k)).save(folder / f"{k:02}.png")
    return folder


def test_missing_splits_are_held_out_of_the_training_images_at_random():
    settings = resolve(RestorationSettings, {"validation": 0.2})
    splits = split_images({"train": torch.arange(100)}, settings)
    assert {name: len(indices) for name, indices in splits.items()} == {"train": 68, "validation": 17, "test": 15}
    assert torch.cat(list(splits.values())).sort().values.tolist() == list(range(100))


def test_splits_of_the_data_are_not_changed():
    splits = {"train": torch.arange(10), "validation": torch.arange(10, 14), "test": torch.arange(14, 17)}
    assert all(
        torch.equal(indices, splits[name]) for name, indices in split_images(splits, RestorationSettings()).items()
    )


def test_the_limit_is_the_number_of_training_and_validation_images():
    splits = split_images({"train": torch.arange(100), "test": torch.arange(5)},
                          resolve(RestorationSettings, {"limit": 40, "validation": 0.25}))  # fmt: skip
    assert len(splits["train"]) == 30 and len(splits["validation"]) == 10


def test_a_folder_has_its_sizes_in_the_notes(tmp_path):
    source = read(data=str(write_images(tmp_path / "photos", 12, (90, 70), (40, 130), (70, 200))))
    assert sum(map(len, source.indices.values())) == 12 and len(source.indices["test"]) == 2
    assert any("from 130 x 40 to 200 x 70" in note for note in source.notes) and not source.noisy


def test_images_in_memory_keep_their_sizes():
    images = [noise(20 + number % 3, 30, seed=number) for number in range(20)]
    settings = resolve(RestorationSettings, {"data": IN_MEMORY})
    source = read_source(settings, BuildContext(data=images))
    clean = source.clean["train"]
    assert clean.heights.tolist() == [20 + number % 3 for number in range(20)] and source.scale is None
    assert torch.equal(clean.pixels[: 20 * 30], torch.from_numpy(images[0].reshape(-1, 3)))
    assert sum(map(len, source.indices.values())) == 20 and len(source.indices["test"]) == 3


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_images_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=name):
        read(data=str(tmp_path / name))


def test_pairs_need_folders():
    with pytest.raises(DataError, match="--noisy needs --data to be a folder"):
        read(noisy="somewhere/")


def test_a_restored_run_reads_new_images_with_its_own_channels(tmp_path):
    folder = str(write_images(tmp_path / "photos", 8, (20, 20)))
    assert read(data=folder).clean["train"].channels == 3
    assert read(data=folder, facts={"input": [1, 64, 64]}).clean["train"].channels == 1


def test_one_changed_image_or_partner_changes_the_fingerprint(tmp_path):
    clean = write_images(tmp_path / "clean", 8, (20, 20))
    noisy = write_images(tmp_path / "noisy", 8, (20, 20), seed=50)

    def fingerprint():
        return read(data=str(clean), noisy=str(noisy)).fingerprint()

    fingerprints = [fingerprint()]
    assert fingerprint() == fingerprints[0]
    Image.fromarray(noise(20, 20, seed=99)).save(noisy / "03.png")
    fingerprints.append(fingerprint())
    Image.fromarray(noise(20, 20, seed=98)).save(clean / "03.png")
    fingerprints.append(fingerprint())
    assert len(set(fingerprints)) == 3
