import pytest

from axone.data.images.folders.layout import describe_inner_folders, describe_places, require_classes
from axone.data.images.folders.walk import walk
from axone.errors import DataError
from tests.helpers.data.images import folder


def test_the_places_of_images_are_counted(tmp_path):
    folder(tmp_path / "set", {"a": 2, "b": 3})
    assert describe_places(tmp_path) == "Images were found in: set/a (2), set/b (3)."
    assert describe_places(tmp_path / "set") == "Images were found in: a (2), b (3)."


def test_a_folder_too_high_suggests_the_right_one(tmp_path):
    folder(tmp_path / "set", {"a": 2, "b": 3})
    with pytest.raises(DataError, match=r"Images were found in: set/a \(2\)") as caught:
        require_classes(tmp_path, tmp_path, ("set",), labeled=True)
    assert caught.value.hint == f"Did you mean '{tmp_path / 'set'}'?"


def test_a_flat_class_needs_no_words(tmp_path):
    folder(tmp_path, {"a": 2, "b": 3})
    assert describe_inner_folders(tmp_path, {name: walk(tmp_path / name) for name in "ab"}) == []
