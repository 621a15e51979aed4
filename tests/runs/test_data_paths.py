"""The paths that settings name are kept as typed and absolute; the absolute one is used where the other fails."""

from pathlib import Path

import pytest

from axone.errors import DataError
from axone.runs.data_paths import absolute_paths, require_data, restore_paths
from axone.settings import Settings, resolve


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


def settings(data: str) -> Settings:
    return resolve(Settings, {"data": data})


def test_only_values_that_name_a_file_are_listed(photos):
    assert absolute_paths(settings("photos")) == {"data": str(photos)}
    assert absolute_paths(settings("fashion-mnist")) == absolute_paths(settings("")) == {}
    Path("fashion-mnist").mkdir()  # the data set of this name is meant, not the folder
    assert absolute_paths(settings("fashion-mnist"), names={"fashion-mnist"}) == {}


def test_a_value_that_is_no_path_stays_although_a_folder_has_its_name(photos, monkeypatch, tmp_path):
    (tmp_path / "adam").mkdir()
    typed = resolve(Settings, {"data": "photos", "optimizer": "adam"})
    environment = {"paths": absolute_paths(typed)}
    assert environment["paths"] == {"data": str(photos)}
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    forged = {"paths": {**environment["paths"], "optimizer": str(tmp_path / "adam")}}
    assert restore_paths(typed, forged).optimizer == "adam"


def test_the_absolute_path_replaces_one_that_does_not_exist_here(photos, monkeypatch, tmp_path):
    environment = {"paths": absolute_paths(settings("photos"))}
    assert restore_paths(settings("photos"), environment).data == "photos"
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert restore_paths(settings("photos"), environment).data == str(photos)
    require_data(settings("photos"), environment, Path("run"))
    photos.rename(tmp_path / "moved")
    assert restore_paths(settings("photos"), environment).data == "photos"
    with pytest.raises(DataError, match="not where they were") as error:
        require_data(settings("photos"), environment, Path("my run"))
    assert error.value.hint == "if they were moved, type: axone resume 'my run' --data NEW"


@pytest.mark.parametrize("paths", [None, 3, {"data": 3}, {"data": "\0"}, {"nothing": "/"}, {"data": "x" * 5000}])
def test_a_damaged_list_of_paths_changes_nothing(photos, paths):
    environment = {"paths": paths}
    assert restore_paths(settings("missing"), environment).data == "missing"
