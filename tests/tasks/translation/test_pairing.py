"""Pairs of images are files of the same name in both folders."""

import pytest

from axone.data.images.load import load_images
from axone.errors import DataError
from axone.settings import Settings
from axone.tasks.images.splits import make_splits
from axone.tasks.translation.pairing import match_pairs
from tests.helpers.data.images import folder


def read(path):
    return make_splits(Settings(), load_images(str(path), labeled=False))


def names(splits):
    return [
        [images.dataset.name(index).rsplit(".", 1)[0] for index in images.indices.tolist()]
        for images in (splits.train, splits.validation, splits.test)
    ]


@pytest.fixture
def folders(tmp_path):
    source = folder(tmp_path / "source", {"a": 12}) / "a"
    target = folder(tmp_path / "target", {"a": 12}) / "a"
    return source, target


def test_both_domains_have_the_same_names_in_the_same_order(folders):
    source, target, notes = match_pairs(*map(read, folders))
    assert names(source) == names(target) and sum(map(len, names(source))) == 12 and notes == []


def test_the_suffix_of_a_file_does_not_matter(folders):
    for path in sorted(folders[1].iterdir()):
        path.rename(path.with_suffix(".PNG"))
    source, target, _notes = match_pairs(*map(read, folders))
    assert names(source) == names(target) and sum(map(len, names(source))) == 12


def test_images_without_a_partner_are_left_out_and_listed(folders):
    (folders[0] / "3.png").unlink()
    (folders[1] / "5.png").unlink()
    source, target, notes = match_pairs(*map(read, folders))
    assert names(source) == names(target) and sum(map(len, names(source))) == 10
    assert len(notes) == 1 and "2 images have no partner" in notes[0] and "3" in notes[0] and "5" in notes[0]


def test_folders_without_a_common_name_are_refused(folders):
    for path in sorted(folders[1].iterdir()):
        path.rename(path.with_name(f"x{path.name}"))
    with pytest.raises(DataError, match="No image of the source folder has a partner"):
        match_pairs(*map(read, folders))


def test_a_data_set_without_file_names_is_refused(folders):
    with pytest.raises(DataError, match="must be folders"):
        match_pairs(read(folders[0]), read("fashion-mnist"))
