"""A folder is decoded once: later starts decode nothing, later changes decode only what changed."""

import os
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import PIL
import pytest
from PIL import Image

from axone.data.images.cache import build as module
from axone.data.images.cache import shape
from axone.data.images.cache.admin import list_states
from axone.data.images.cache.build import ensure_cache
from axone.data.images.decode.file import read_image
from axone.data.images.folders.listing import list_folder
from axone.errors import DataError, ResourceError
from axone.progress import ignore_progress
from tests.helpers.data.images import folder, noise


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path):
    return folder(tmp_path / "photos", {"a": 6, "b": 6}, side=9)


@pytest.fixture
def decoded(monkeypatch):
    """The names of the files that were decoded."""
    names, real = [], module.decode_all

    def noted(work, todo):
        names.extend(name for task in todo for name in task.names)
        return real(work, todo)

    monkeypatch.setattr(module, "decode_all", noted)
    return names


def build_cache(root, size=None, channels=None, progress=ignore_progress):
    return ensure_cache(list_folder(root), size, channels, progress=progress)


def is_right(cache, root):
    """Return whether a cache has the images of a folder in their present state."""
    files = list_folder(root).files
    pixels = cache.read().numpy()
    return len(pixels) == len(files) and all(
        np.array_equal(pixels[row], read_image(root / file.name, size=cache.shape[:2], channels=cache.shape[2]))
        for row, file in enumerate(files)
        if row not in cache.skipped
    )


def test_the_second_start_reads_no_image(root, decoded, monkeypatch):
    reported = []
    first = build_cache(root, progress=lambda text, *state: reported.append(state))
    assert is_right(first, root) and len(decoded) == 12 and reported[-1] == (12, 12)

    def refuse(*_, **__):
        raise AssertionError("an image was opened")

    monkeypatch.setattr(shape, "read_header", refuse)
    monkeypatch.setattr(module, "decode_all", refuse)
    second = build_cache(root)
    assert second.folder == first.folder and np.array_equal(second.table, first.table)


def test_only_what_changed_is_decoded_again(root, decoded):
    first = build_cache(root)
    decoded.clear()
    Image.fromarray(noise(9, 9, 3, 99)).save(root / "a" / "3.png")
    Image.fromarray(noise(9, 9, 3, 98)).save(root / "b" / "new.png")
    (root / "a" / "0.png").unlink()
    (root / "b" / "bad.png").write_bytes(b"")
    second = build_cache(root)
    assert sorted(decoded) == ["a/3.png", "b/bad.png", "b/new.png"] and is_right(second, root)
    assert list(second.skipped.values()) == ["the file is empty"]
    assert list_states(second.folder.parent) == [second.folder] and not first.folder.exists()
    decoded.clear()
    (root / "b" / "4.png").unlink()
    third = build_cache(root)
    assert decoded == [] and is_right(third, root)
    assert list(third.skipped.values()) == ["the file is empty"]  # known from before


def test_a_touched_file_is_read_but_not_decoded(root, monkeypatch):
    build_cache(root)
    os.utime(root / "a" / "2.png")
    same, real = [], module.decode_all

    def noted(work, todo):
        for task, answer in real(work, todo):
            same.extend(answer.same)
            yield task, answer

    monkeypatch.setattr(module, "decode_all", noted)
    assert is_right(build_cache(root), root) and same == [2]


def test_a_damaged_image_is_decoded_again(root, decoded):
    first = build_cache(root)
    with first.pixels_path.open("r+b") as file:
        file.write(b"xyz")
    decoded.clear()
    (root / "b" / "4.png").unlink()
    assert is_right(build_cache(root), root) and decoded == ["a/0.png"]


def test_a_damaged_cache_is_built_again(root, decoded):
    first = build_cache(root)
    decoded.clear()
    (first.folder / "table.bin").write_bytes(b"")
    assert is_right(build_cache(root), root) and len(decoded) == 12


def test_another_version_of_the_decoder_decodes_everything(root, decoded, monkeypatch):
    build_cache(root)
    decoded.clear()
    monkeypatch.setattr(PIL, "__version__", "999")
    assert is_right(build_cache(root), root) and len(decoded) == 12


def test_another_shape_has_another_cache(root):
    caches = [build_cache(root), build_cache(root, size=5), build_cache(root, channels=1)]
    assert [cache.shape for cache in caches] == [(9, 9, 3), (5, 5, 3), (9, 9, 1)]
    assert all(is_right(cache, root) and cache.folder.exists() for cache in caches)


def test_the_side_is_the_median_of_a_sample(tmp_path, monkeypatch):
    root = folder(tmp_path / "x", {"a": 5, "b": 4}, side=10)
    Image.fromarray(noise(40, 30)).save(root / "a" / "0.png")
    assert build_cache(root).shape[:2] == (10, 10)
    monkeypatch.setattr(shape, "SAMPLE", 2)  # the first and the last: sides 30 and 10
    (root / "b" / "0.png").unlink()
    assert build_cache(root).shape[:2] == (20, 20)


def test_a_color_image_outside_the_sample_makes_all_color(tmp_path, monkeypatch):
    root = folder(tmp_path / "x", {"a": 9, "b": 9}, channels=1)
    monkeypatch.setattr(shape, "SAMPLE", 4)
    assert build_cache(root).shape[2] == 1
    Image.fromarray(noise(12, 12)).save(root / "a" / "4.png")
    cache = build_cache(root)
    assert cache.shape[2] == 3 and is_right(cache, root) and cache.table["color"].sum() == 1
    assert build_cache(root, channels=1).shape[2] == 1


def test_two_processes_build_a_cache_once(root, decoded):
    threads, folders = [], []
    for _number in range(4):
        threads.append(threading.Thread(target=lambda: folders.append(build_cache(root).folder)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(decoded) == 12 and len(folders) == 4 and len(set(folders)) == 1


@pytest.mark.parametrize("when", ["files.json", "SHA256SUMS", "rename"])
def test_a_killed_process_leaves_no_complete_cache(root, monkeypatch, when):
    class Killed(BaseException):
        pass

    write_bytes, write_text, rename = Path.write_bytes, Path.write_text, Path.rename

    def dying(real):
        def act(path, *rest):
            if path.name == when or (real is rename and when == "rename"):
                raise Killed
            return real(path, *rest)

        return act

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", dying(write_bytes))
        patch.setattr(Path, "write_text", dying(write_text))
        patch.setattr(Path, "rename", dying(rename))
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)  # a killed process tidies nothing up
        with pytest.raises(Killed):
            build_cache(root)
    place = module.cache_path(root, None, None, "crop")
    assert list_states(place) == [] and len(list(place.glob("tmp-*"))) == 1
    assert is_right(build_cache(root), root) and not list(place.glob("tmp-*"))


def test_a_full_disk_is_known_before_anything_is_decoded(root, monkeypatch, decoded):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(ResourceError, match="AXONE_CACHE") as caught:
        build_cache(root)
    assert "0.0\u202fMB are free" in str(caught.value) and caught.value.exit_code == 5 and not decoded


def test_a_disk_that_fills_up_meanwhile(root, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("axone.data.images.cache.decoding.write_all", full)
        with pytest.raises(ResourceError, match="The disk is full") as caught:
            build_cache(root)
    assert "more are needed" in str(caught.value)
    assert list(module.cache_path(root, None, None, "crop").glob("tmp-*")) == []
    assert is_right(build_cache(root), root)


def test_a_cache_that_cannot_be_written(root, cache):
    cache.write_text("a file where the folder should be")
    with pytest.raises(ResourceError, match="AXONE_CACHE"):
        build_cache(root)


def test_too_little_disk_space_is_an_error(root):
    with pytest.raises(ResourceError, match="GB of disk"):
        build_cache(root, size=2_000_000)


def test_ctrl_c_leaves_no_temporary_file(root, monkeypatch):
    def interrupted(work, todo):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(module, "decode_all", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build_cache(root)
    assert list(module.cache_path(root, None, None, "crop").glob("tmp-*")) == []


def test_an_unreadable_image_is_named(root, monkeypatch):
    real = Path.open

    def refuse(path, *how, **more):
        if path.suffix == ".png":
            raise PermissionError
        return real(path, *how, **more)

    listing = list_folder(root)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ResourceError, match=r"a.0\.png' may not be read"):
        ensure_cache(listing, 9, 3)


def test_many_files_go_through_processes(root, monkeypatch):
    monkeypatch.setattr("axone.data.images.cache.workers.MANY", 12)
    assert is_right(build_cache(root), root)


def test_a_folder_that_changes_while_it_is_read(root, monkeypatch):
    """A file that is removed before it is read is skipped; one that is written meanwhile is read at the next start."""
    listing = list_folder(root)
    (root / "a" / "1.png").unlink()
    Image.fromarray(noise(9, 9, 3, 97)).save(root / "a" / "2.png")
    cache = ensure_cache(listing, None, None)
    assert cache.skipped == {1: "there is no such file, or its link is broken"}
    again = build_cache(root)
    assert again.folder != cache.folder and is_right(again, root) and not again.skipped


def test_a_refused_size(root):
    with pytest.raises(DataError, match="cannot have 2 channels"):
        build_cache(root, channels=2)


def test_a_shape_that_is_what_was_inferred_is_not_decoded_again(tmp_path, decoded):
    root = folder(tmp_path / "x", {"a": 3, "b": 3}, side=9)
    cache = build_cache(root)
    decoded.clear()
    assert build_cache(root, size=(9, 9), channels=3).folder == cache.folder and not decoded
    assert build_cache(root, size=(9, 8), channels=3).shape == (9, 8, 3) and len(decoded) == 6


def test_images_of_one_size_are_kept_as_they_are_within_limits(tmp_path):
    for name, size in (("wide", (20, 60)), ("large", (30, 300)), ("thin", (4, 60))):
        for label in "ab":
            (tmp_path / name / label).mkdir(parents=True)
            Image.fromarray(noise(*size)).save(tmp_path / name / label / "0.png")
    assert [build_cache(tmp_path / name).shape for name in ("wide", "large", "thin")] == [
        (20, 60, 3), (30, 30, 3), (8, 8, 3)
    ]  # fmt: skip
