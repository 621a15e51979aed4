import hashlib
import multiprocessing
import os
from dataclasses import replace

import pytest

from axone.data.datasets import store
from axone.data.datasets.store import (
    DatasetFile,
    DatasetLocation,
    DatasetSpec,
    cache_folder,
    download_dataset,
    ensure_local,
    find_local,
)
from axone.errors import DataError, ResourceError
from tests.helpers.data.mirror_server import serving

CONTENTS = {"a.gz": os.urandom(200_000), "b.gz": os.urandom(5_000)}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def mirror(monkeypatch, tmp_path):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AXONE_OFFLINE", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as mirror:
        mirror.files = {f"/{name}": content for name, content in CONTENTS.items()}
        yield mirror


def known(address, **changes):
    files = tuple(
        DatasetFile(name, (f"{address}/{name}",), sha256(content), len(content)) for name, content in CONTENTS.items()
    )
    return replace(DatasetSpec("toy", "a toy", "MIT", "https://example.org", files), **changes)


def fill(folder, contents=CONTENTS):
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def test_downloads_into_the_cache_once(mirror, tmp_path):
    reported = []
    one = known(mirror.address)
    assert find_local(one) == DatasetLocation("missing", None, 0)
    place = ensure_local(one, lambda text, done, total: reported.append((done, total)))
    assert place == DatasetLocation("cache", tmp_path / "cache" / "toy", 205_000)
    assert {name: (place.folder / name).read_bytes() for name in CONTENTS} == CONTENTS
    assert reported == sorted(reported) and reported[-1] == (205_000, 205_000)
    assert find_local(one) == place == ensure_local(one)
    assert len(mirror.asked) == 2


def test_system_folders_are_used_without_a_download(mirror, tmp_path):
    folder = fill(tmp_path / "system")
    one = known(mirror.address, system_folders=(str(tmp_path / "none"), str(folder)))
    assert ensure_local(one) == find_local(one) == DatasetLocation("system", folder, 205_000)
    assert mirror.asked == []


def test_another_packaging_counts_as_the_same_file(mirror, tmp_path):
    folder = fill(tmp_path / "system", {**CONTENTS, "b.gz": b"repacked"})
    one = known(mirror.address, system_folders=(str(folder),))
    assert ensure_local(one).kind == "cache"
    first, second = one.files
    second = replace(second, repackaged=((sha256(b"repacked"), 8),))
    fresh = replace(one, name="toy2", files=(first, second))
    assert ensure_local(fresh).kind == "system"


def test_a_damaged_system_file_is_noted_and_passed_over(mirror, tmp_path):
    damaged = CONTENTS["b.gz"][:-1] + bytes([CONTENTS["b.gz"][-1] ^ 1])  # same size, one bit off
    folder = fill(tmp_path / "system", {**CONTENTS, "b.gz": damaged})
    place = ensure_local(known(mirror.address, system_folders=(str(folder),)))
    assert place.kind == "cache"
    assert len(place.notes) == 1 and "b.gz damaged" in place.notes[0] and str(folder) in place.notes[0]


def test_only_the_damaged_file_is_downloaded_again(mirror):
    one = known(mirror.address)
    folder = ensure_local(one).folder
    (folder / "b.gz").write_bytes(b"x" * 5_000)
    place = ensure_local(one)
    assert (folder / "b.gz").read_bytes() == CONTENTS["b.gz"] and "b.gz damaged" in place.notes[0]
    assert [path for path, _ in mirror.asked] == ["/a.gz", "/b.gz", "/b.gz"]


@pytest.mark.parametrize("way", ["argument", "environment", "no network", "wrong bytes", "no cache"])
def test_the_subset_is_used_instead_with_a_note(mirror, tmp_path, monkeypatch, way):
    subset = fill(tmp_path / "subset", {"a.gz": b"small", "b.gz": b"part"})
    one = known(mirror.address, subset=subset, subset_summary="a tenth of it")
    if way == "environment":
        monkeypatch.setenv("AXONE_OFFLINE", "1")
    if way == "no network":
        monkeypatch.setattr("axone.data.datasets.download.reachable", lambda urls: [])
    if way == "wrong bytes":
        mirror.files["/a.gz"] = bytes(200_000)
    if way == "no cache":
        (tmp_path / "cache").write_text("a file where a folder should be")
    place = ensure_local(one, allow_download=way != "argument")
    assert (place.kind, place.folder, place.bytes) == ("subset", subset, 9)
    assert "a tenth of it" in place.notes[-1] and "axone data get toy" in place.notes[-1]
    assert find_local(one).kind == "subset"
    if way in ("argument", "environment"):
        assert mirror.asked == []


def test_without_a_subset_it_is_an_error(mirror, monkeypatch):
    with pytest.raises(DataError, match="downloads are off"):
        ensure_local(known(mirror.address), allow_download=False)
    mirror.files.clear()
    with pytest.raises(DataError, match="HTTP 404"):
        ensure_local(known(mirror.address))


def test_a_download_does_not_fall_back_to_the_subset(mirror, tmp_path):
    subset = fill(tmp_path / "subset")
    mirror.files.clear()
    with pytest.raises(DataError, match="could not be downloaded"):
        download_dataset(known(mirror.address, subset=subset))
    (tmp_path / "cache" / "toy" / ".lock").unlink(missing_ok=True)
    (tmp_path / "cache" / "toy").rmdir()
    (tmp_path / "cache").rmdir()
    (tmp_path / "cache").write_text("")
    with pytest.raises(ResourceError, match="cache folder"):
        download_dataset(known(mirror.address, subset=subset))


def test_a_full_disk_is_not_hidden_by_the_subset(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr("axone.data.datasets.download.shutil.disk_usage", lambda _: type("usage", (), {"free": 10}))
    with pytest.raises(ResourceError, match="disk is full"):
        ensure_local(known(mirror.address, subset=fill(tmp_path / "subset")))


def test_a_lock_held_for_too_long(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.01)
    (tmp_path / "cache" / "toy").mkdir(parents=True)
    with store.FileLock(tmp_path / "cache" / "toy" / ".lock"), pytest.raises(ResourceError, match="Another process"):
        download_dataset(known(mirror.address))


def _ensure(one, results):
    results.put(ensure_local(one).kind)


def test_two_processes_at_once_download_once(mirror):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    one = known(mirror.address)
    processes = [context.Process(target=_ensure, args=(one, results)) for _ in range(2)]
    for process in processes:
        process.start()
    assert [results.get(timeout=60) for _ in processes] == ["cache", "cache"]
    for process in processes:
        process.join()
    assert sorted(path for path, _ in mirror.asked) == ["/a.gz", "/b.gz"]


def test_the_cache_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("AXONE_CACHE")
    assert "axone" in str(cache_folder())
