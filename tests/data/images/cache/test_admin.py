import json

import pytest
from filelock import FileLock

from axone import cli
from axone.data.images.cache.admin import clear_caches, image_caches_folder, list_caches
from axone.data.images.cache.build import ensure_cache
from axone.data.images.folders.listing import list_folder
from tests.helpers.data.images import folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def two(tmp_path):
    return [
        ensure_cache(list_folder(folder(tmp_path / name, {"a": 2, "b": 2}, side=8)), None, None)
        for name in ("one", "two")
    ]


def test_without_caches_nothing_is_listed_or_removed():
    assert list_caches() == [] and clear_caches() == 0


def test_each_cache_is_listed(two, tmp_path):
    caches = list_caches()
    assert [entry["folder"] for entry in caches] == [str(tmp_path / "one"), str(tmp_path / "two")]
    assert {(entry["images"], entry["height"], entry["width"], entry["channels"]) for entry in caches} == {(4, 8, 8, 3)}
    assert caches[0]["bytes"] == sum(path.stat().st_size for path in two[0].folder.iterdir()) > 4 * 8 * 8 * 3


def test_a_damaged_cache_is_not_listed_but_cleared(two):
    (two[0].folder / "cache.json").write_text("{")
    assert len(list_caches()) == 1
    assert clear_caches() > 0 and not list(image_caches_folder().glob("*/*/*"))


def test_clear_keeps_a_cache_that_is_being_built(two):
    with FileLock(two[1].folder.parent / ".lock"):
        freed = clear_caches()
    assert freed > 0 and not two[0].folder.exists() and two[1].folder.exists()


def test_the_command_line(two, capsys, tmp_path):
    assert cli.main(["data"]) == 0
    reported = capsys.readouterr().out
    assert str(tmp_path / "two") in reported and "4 decoded images, 8 x 8, color" in reported
    assert cli.main(["data", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out.splitlines()[-1])["image_caches"]) == 2
    assert cli.main(["data", "clear", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["freed"] > 0 and list_caches() == []
    assert cli.main(["data", "clear", "all"]) == 2
