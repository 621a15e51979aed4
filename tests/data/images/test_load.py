from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from axone.data.datasets.idx import read_idx
from axone.data.datasets.registry import DATASETS
from axone.data.images.load import load_images
from axone.data.images.report import describe
from axone.errors import DataError
from tests.helpers.data.images import all_splits, folder, noise

FASHION = DATASETS["fashion-mnist"]


@pytest.fixture
def only_subset(monkeypatch, tmp_path):
    """A machine that has neither the set nor a network."""
    from dataclasses import replace

    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("AXONE_OFFLINE", "1")
    monkeypatch.setitem(DATASETS, "fashion-mnist", replace(FASHION, system_folders=()))


@pytest.mark.parametrize("source", ["", "fashion-mnist"])
def test_the_shipped_subset(only_subset, source):
    data = load_images(source)
    assert data.name == "fashion-mnist" and data.classes[9] == "Ankle boot"
    assert data.train.pixels.shape == (10_000, 28, 28, 1) and data.test.pixels.shape == (2_000, 28, 28, 1)
    assert data.train.pixels.dtype == torch.uint8 and data.train.pixels.is_contiguous()
    assert data.train.labels.dtype == torch.int64 and len(data.train) == 10_000
    raw = read_idx(FASHION.subset / "train-images-idx3-ubyte.gz", 3)
    assert np.array_equal(data.train.pixels[..., 0].numpy(), raw)
    assert data.location.kind == "subset" and any("10,000 training and 2,000 test" in note for note in data.notes)
    lines = "\n".join(describe(data, all_splits(data)))
    assert "10,000 training, 0 validation and 2,000 test images of 28 x 28 pixels, gray" in lines
    assert "10 classes, 1,000 training images in each" in lines
    assert "shipped with Axone" in lines and "axone data get fashion-mnist" in lines


def test_a_named_data_set_can_be_resized(only_subset, monkeypatch):
    monkeypatch.setattr("axone.data.images.load.read_idx", lambda path, dimensions: read_idx(path, dimensions)[:20])
    data = load_images(size=14, channels=3)
    assert data.train.pixels.shape == (20, 14, 14, 3) and data.train.pixels.is_contiguous()


def test_files_that_do_not_belong_together(only_subset, monkeypatch):
    def one_less(path, dimensions):
        return read_idx(path, dimensions)[: None if dimensions == 3 else -1]

    monkeypatch.setattr("axone.data.images.load.read_idx", one_less)
    with pytest.raises(DataError, match="do not belong together"):
        load_images()


@pytest.mark.skipif(not Path(FASHION.system_folders[0]).is_dir(), reason="Debian's set is not installed")
def test_the_complete_data_set_where_debian_installs_it(monkeypatch, tmp_path):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path))
    data = load_images()
    assert (len(data.train), len(data.test)) == (60_000, 10_000)
    assert torch.bincount(data.train.labels).tolist() == [6_000] * 10
    assert data.location.kind == "system"


def test_a_test_set_is_held_out_of_a_folder_without_one(tmp_path):
    root = folder(tmp_path / "photos", {"a": 20, "b": 10, "c": 1}, side=8)
    data = load_images(str(root), test_fraction=0.2, seed=4)
    assert (data.name, data.classes, data.validation) == ("photos", ("a", "b", "c"), None)
    assert torch.bincount(data.test.labels, minlength=3).tolist() == [4, 2, 0]
    assert torch.bincount(data.train.labels, minlength=3).tolist() == [16, 8, 1]
    assert any("6 images were held out" in note and "seed 4" in note for note in data.notes)
    assert any("single image: c" in note for note in data.notes)
    again = load_images(str(root), test_fraction=0.2, seed=4)
    other = load_images(str(root), test_fraction=0.2, seed=5)
    assert torch.equal(again.test.pixels, data.test.pixels)
    assert not torch.equal(other.test.pixels, data.test.pixels)


def test_a_folder_with_parts(tmp_path):
    folder(tmp_path / "train", {"a": 4, "b": 4}, seed=1)
    folder(tmp_path / "val", {"a": 2, "b": 1}, seed=2)
    folder(tmp_path / "test", {"a": 2, "b": 2}, seed=3)
    data = load_images(str(tmp_path))
    assert (len(data.train), len(data.validation), len(data.test)) == (8, 3, 4)
    assert not any("held out" in note for note in data.notes)
    assert "3 validation and" in "\n".join(describe(data, all_splits(data)))


def test_duplicates_are_counted(tmp_path):
    for part, seed in (("train", 1), ("test", 2)):
        folder(tmp_path / part, {"a": 3, "b": 3}, seed=seed)
    known = Image.open(tmp_path / "train" / "a" / "0.png")
    known.save(tmp_path / "test" / "a" / "same.bmp")  # another file, the same pixels
    known.save(tmp_path / "train" / "b" / "other.png")
    data = load_images(str(tmp_path))
    assert any("1 test image is also a training image" in note for note in data.notes)
    assert any("1 image is in two classes (for example a and b)" in note for note in data.notes)
    clean = folder(tmp_path / "clean", {"a": 9, "b": 9})
    assert not any("also" in note or "two classes" in note for note in load_images(str(clean)).notes)


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(DataError, match="Did you mean 'fashion-mnist'") as caught:
        load_images("fashion_mnist")
    assert caught.value.exit_code == 3
    with pytest.raises(DataError, match=r"no folder '.*nothing' and no data set") as caught:
        load_images(str(tmp_path / "nothing"))
    assert "Did you mean" not in str(caught.value)


def test_the_report_lists_what_was_skipped_and_balance(tmp_path):
    root = folder(tmp_path, {"many": 150, "few": 20}, side=8)
    for number in range(7):
        (root / "many" / f"bad{number}.jpg").write_bytes(b"")
    data = load_images(str(root), channels=1)
    assert len(data.skipped) == 7
    lines = describe(data, all_splits(data))
    text = "\n".join(lines)
    assert "7 files were skipped" in text and "... and 2 more" in text
    assert sum("the file is empty" in line for line in lines) == 5
    assert "2 classes, from 17 training images (few) to 128 (many). The classes are imbalanced" in text


def test_color_is_reported(tmp_path):
    root = folder(tmp_path, {"a": 4, "b": 4})
    data = load_images(str(root))
    assert "12 x 12 pixels, color" in "\n".join(describe(data, all_splits(data)))


def test_images_of_one_set_have_one_shape(tmp_path):
    root = folder(tmp_path, {"a": 3, "b": 3})
    Image.fromarray(noise(70, 31)).save(root / "a" / "odd.jpg")
    data = load_images(str(root))
    assert data.train.pixels.shape[1:] == data.test.pixels.shape[1:] == (12, 12, 3)


def test_progress_reports_the_current_step(tmp_path, monkeypatch):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))
    calls = []
    load_images(str(folder(tmp_path / "photos", {"a": 3, "b": 4})), progress=lambda *call: calls.append(call))
    assert calls[-1] == ("decoding images", 7, 7) and {text for text, _done, _total in calls} == {"decoding images"}
