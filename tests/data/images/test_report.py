"""The data report of images: sentences, and the document of the run."""

import json

import pytest
from PIL import Image

from axone.data.images.dataset import Subset
from axone.data.images.load import load_images
from axone.data.images.report import build_report, count_classes, describe, is_imbalanced
from tests.helpers.data.images import folder, noise


def split(data, train=None, validation=0):
    """Return the images that a training uses: the first ones of the training set."""
    indices, train = data.train.indices, len(data.train) if train is None else train
    parts = indices[:train], indices[train : train + validation]
    return {
        "train": Subset(data.train.dataset, parts[0]),
        "validation": Subset(data.train.dataset, parts[1]),
        "test": data.test,
    }


@pytest.fixture
def data(tmp_path):
    root = folder(tmp_path / "photos", {"many": 80, "few": 10}, side=8)
    Image.fromarray(noise(30, 40)).save(root / "many" / "large.png")
    for number in range(3):
        (root / "many" / f"bad{number}.jpg").write_bytes(b"")
    return load_images(str(root))


def test_the_sizes_of_the_files_are_reported_where_they_differ(data, tmp_path):
    assert "The files have from 8 x 8 to 40 x 30 pixels." in describe(data, split(data))
    plain = load_images(str(folder(tmp_path / "plain", {"a": 4, "b": 4})))
    assert not any("The files have" in line for line in describe(plain, split(plain)))


def test_the_sentences_count_what_is_used(data):
    lines = describe(data, split(data, train=20, validation=5))
    assert "20 training, 5 validation and 14 test images of 8 x 8 pixels, color." in lines
    assert "Used for training and validation: 25 of 77 images." in lines
    assert any(line.startswith("2 classes, from ") and " training images (few) to " in line for line in lines)
    assert not any("Used for" in line for line in describe(data, split(data)))


def test_the_document_counts_what_is_used(data):
    parts = {"train": data.train, "test": data.test}
    report = json.loads(json.dumps(build_report(data, parts), allow_nan=False))
    assert report["name"] == "photos" and report["size"] == [8, 8] and report["channels"] == 3
    assert report["splits"]["train"] == {"images": 77, "classes": {"few": 8, "many": 69}}
    assert report["splits"]["test"]["classes"] == {"few": 2, "many": 12}
    assert report["sizes_of_files"] == [[8, 8], [40, 30]]
    assert report["skipped_count"] == 3 and report["skipped"][0]["reason"] == "the file is empty"
    assert report["skipped"][0]["file"].endswith("bad0.jpg") and report["duplicates"] == []
    assert report["notes"] == list(data.notes)


def test_long_lists_are_cut_but_counted(data, monkeypatch):
    monkeypatch.setattr("axone.data.images.report.MAX_STORED", 2)
    report = build_report(data, {"train": data.train})
    assert report["skipped_count"] == 3 and len(report["skipped"]) == 2


def test_classes_are_imbalanced_above_a_ratio_of_three(data):
    assert count_classes(data.train.labels, 2) == [8, 69]
    assert is_imbalanced([8, 69]) and not is_imbalanced([10, 30]) and is_imbalanced([10, 31])
