"""A cache is read exactly as it was written, or it is refused: each of its files, each of their bits."""

import json
import os
from pathlib import Path

import numpy as np
import PIL
import pytest
import torch

from axone.data.images.cache.build import ensure_cache
from axone.data.images.cache.format import (
    DamagedCacheError,
    cache_path,
    files_json,
    folder_state,
    open_cache,
    read_files,
)
from axone.data.images.folders.listing import list_folder
from axone.errors import ResourceError
from tests.helpers.data.images import folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def image_cache(tmp_path):
    root = folder(tmp_path / "photos", {"a": 30, "b": 30}, side=8)
    (root / "b" / "bad.png").write_bytes(b"")
    return ensure_cache(list_folder(root), None, None)


def test_a_cache_is_read_as_it_was_written(image_cache):
    again = open_cache(image_cache.folder)
    assert (again.shape, again.fit, again.skipped) == ((8, 8, 3), "crop", {60: "the file is empty"})
    assert np.array_equal(again.table, image_cache.table) and again.table["usable"].sum() == 60
    assert torch.equal(again.map_pixels(), again.read()) and again.read().shape == (61, 8, 8, 3)
    assert read_files(image_cache.folder)["a/1.png"][0] == 1
    assert sorted(path.name for path in image_cache.folder.iterdir()) == [
        "SHA256SUMS", "cache.json", "files.json", "pixels.bin", "table.bin",
    ]  # fmt: skip


def test_writing_to_mapped_pixels_does_not_change_the_cache(image_cache):
    before = image_cache.pixels_path.read_bytes()
    pixels = image_cache.map_pixels()
    pixels[0] = 7
    del pixels
    assert image_cache.pixels_path.read_bytes() == before


def damage(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 16
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["table.bin", "cache.json", "SHA256SUMS"])
@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_flipped_bit_is_found_at_opening(image_cache, name, place):
    damage(image_cache.folder / name, place)
    with pytest.raises(DamagedCacheError):
        open_cache(image_cache.folder)


@pytest.mark.parametrize("name", ["table.bin", "cache.json", "SHA256SUMS", "pixels.bin"])
@pytest.mark.parametrize("left", [0, 50])
def test_a_cut_file_is_found_at_opening(image_cache, name, left):
    os.truncate(image_cache.folder / name, left)
    with pytest.raises(DamagedCacheError):
        open_cache(image_cache.folder)


@pytest.mark.parametrize("name", ["table.bin", "cache.json", "SHA256SUMS", "pixels.bin"])
def test_a_missing_file_is_found_at_opening(image_cache, name):
    (image_cache.folder / name).unlink()
    with pytest.raises(DamagedCacheError):
        open_cache(image_cache.folder)


def test_a_missing_cache_is_not_damaged(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_cache(tmp_path / "none")


def test_the_list_of_files_is_verified_when_it_is_read(image_cache):
    damage(image_cache.folder / "files.json", 9)
    with pytest.raises(DamagedCacheError):
        read_files(image_cache.folder)


@pytest.mark.parametrize("row", [0, 31, 59])
def test_a_flipped_pixel_is_found_when_all_are_read(image_cache, row):
    damage(image_cache.pixels_path, row * 8 * 8 * 3 + 77)
    with pytest.raises(DamagedCacheError):
        image_cache.read()


def test_a_flipped_pixel_of_a_mapped_cache_is_found_on_first_use(image_cache):
    damage(image_cache.pixels_path, 5 * 8 * 8 * 3)
    pixels = image_cache.map_pixels()
    image_cache.verify(torch.tensor([4, 6, 6]), pixels[[4, 6, 6]])
    assert np.flatnonzero(image_cache.verified).tolist() == [4, 6]
    with pytest.raises(ResourceError, match="damaged") as caught:
        image_cache.verify(torch.tensor([4, 5]), pixels[[4, 5]])
    assert "axone resume" in str(caught.value) and caught.value.exit_code == 5
    with pytest.raises(DamagedCacheError):  # so that the next start makes it anew
        open_cache(image_cache.folder)


def test_a_verified_image_is_not_verified_again(image_cache):
    row = torch.tensor([3])
    image_cache.verify(row, image_cache.map_pixels()[row])
    image_cache.verify(row, torch.zeros(1, 8, 8, 3, dtype=torch.uint8))


def test_the_state_names_everything_that_decides_the_pixels(tmp_path, monkeypatch):
    root = folder(tmp_path / "photos", {"a": 2, "b": 2})
    seen = {folder_state(list_folder(root).files)}

    def is_new():
        state = folder_state(list_folder(root).files)
        return state not in seen and not seen.add(state)

    assert not is_new()
    one = root / "a" / "0.png"
    content, status = one.read_bytes(), one.stat()
    one.write_bytes(content + b"x")
    assert is_new(), "another size"
    one.write_bytes(content)
    os.utime(one, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert is_new(), "another time"
    one.rename(root / "a" / "00.png")
    assert is_new(), "another name"
    (root / "b" / "00.png").write_bytes(content)
    assert is_new(), "another file"
    monkeypatch.setattr(PIL, "__version__", "999")
    assert is_new(), "another decoder"
    assert json.loads(files_json(list_folder(root).files))[0][0] == "a/00.png"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no time of change")
def test_a_file_in_the_place_of_another_with_its_size_and_time_is_noticed(tmp_path):
    root = folder(tmp_path / "photos", {"a": 2, "b": 2})
    before = folder_state(list_folder(root).files)
    one = root / "a" / "0.png"
    status = one.stat()
    one.write_bytes(bytes(status.st_size))
    os.utime(one, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert folder_state(list_folder(root).files) != before


def test_each_folder_shape_and_fit_has_its_own_cache(tmp_path):
    places = {cache_path(root, size, channels, fit) for root in (tmp_path, tmp_path / "a") for size in (None, 8, (8, 9))
              for channels in (None, 1) for fit in ("crop", "pad")}  # fmt: skip
    assert len(places) == 24
    assert cache_path(tmp_path / "a" / "..", 8, 1, "crop") == cache_path(tmp_path, 8, 1, "crop")
    assert cache_path(tmp_path / "émoji 🙂'; rm -rf\n", 8, 1, "crop").name.isascii()
