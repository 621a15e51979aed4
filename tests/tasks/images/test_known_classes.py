import pytest
import torch

from axone.data.images.load import load_images
from axone.errors import DataError
from axone.tasks.images.known_classes import select_known
from tests.helpers.data.images import folder


def test_classes_are_matched_by_name_and_not_by_number(tmp_path):
    images = load_images(str(folder(tmp_path / "x", {"bee": 2, "dog": 3, "elk": 4})), whole=True)
    selected = select_known(images, ["ant", "bee", "cat", "dog"])
    assert selected.images.labels.tolist() == [1, 1, 3, 3, 3]
    assert torch.equal(selected.images.pixels, images.train.pixels[:5])
    assert selected.notes[0].startswith("5 images of 9 are measured: the folder")
    assert selected.notes[1].endswith("does not know these classes: elk (4).")
    assert selected.notes[2].endswith("no images of these classes: ant, cat.")


def test_no_known_class_is_an_error(tmp_path):
    images = load_images(str(folder(tmp_path / "x", {"bee": 2, "dog": 3})), whole=True)
    with pytest.raises(DataError, match="not those of the model") as caught:
        select_known(images, ["ant", "cat"])
    assert caught.value.expected == "model: ant, cat; data: bee, dog"


def test_without_classes_the_name_of_the_folder_does_not_matter(tmp_path):
    images = load_images(str(folder(tmp_path / "x", {"": 3})), labeled=False, whole=True)
    selected = select_known(images, ["photos"])
    assert len(selected.images) == 3 and len(selected.notes) == 1


@pytest.mark.parametrize("labeled", [True, False])
def test_all_of_a_divided_folder_is_measured(tmp_path, labeled):
    for number, split in enumerate(("train", "val", "test")):
        folder(tmp_path / split, {"a": 2, "b": 1}, seed=number)
    images = load_images(str(tmp_path), labeled=labeled, whole=True)
    assert (len(images.train), len(images.test), images.validation) == (9, 0, None)
    assert not any("held out" in note for note in images.notes)


def test_all_of_a_known_data_set_is_measured():
    images, whole = load_images("fashion-mnist"), load_images("fashion-mnist", whole=True)
    assert len(whole.train) == len(images.train) + len(images.test)
    assert torch.equal(whole.train.labels, torch.cat([images.train.labels, images.test.labels]))
