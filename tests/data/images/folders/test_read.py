import re

import numpy as np
import pytest
import torch
from PIL import Image

from axone.data import memory
from axone.data.images.cache import build
from axone.data.images.cache.format import ImageCache
from axone.data.images.decode.file import read_image
from axone.data.images.folders.read import read_folder
from axone.errors import DataError, ResourceError
from tests.helpers.data.images import bomb, encoded, folder, noise


def part(data, name="train"):
    """Return the pixels and labels of one split."""
    members = data.splits[name]
    return data.dataset.pixels[members], data.dataset.labels[members]


def test_pixels_are_those_of_the_files(tmp_path):
    root = folder(tmp_path, {"a": 3, "b": 2}, side=9)
    reported = []
    data = read_folder(root, progress=lambda text, *state: reported.append(state))
    pixels, labels = part(data)
    assert data.classes == ("a", "b") and labels.tolist() == [0, 0, 0, 1, 1]
    assert pixels.shape == (5, 9, 9, 3) and pixels.is_contiguous()
    for number, path in enumerate(sorted(root.glob("*/*"))):
        assert np.array_equal(pixels[number].numpy(), read_image(path))
    assert reported[-1] == (5, 5) and data.skipped == [] and data.sizes == [(9, 9), (9, 9)]
    assert [data.dataset.name(row) for row in (0, 4)] == ["a/0.png", "b/1.png"]


def test_size_is_the_median_side_within_limits(tmp_path):
    root = folder(tmp_path / "x", {"a": 1, "b": 1}, side=10)
    for number, shape in enumerate([(30, 40), (50, 20), (25, 60)]):
        Image.fromarray(noise(*shape)).save(root / "a" / f"more{number}.png")
    assert read_folder(root).dataset.pixels.shape[1:3] == (20, 20)
    assert read_folder(root, size=17).dataset.pixels.shape[1:3] == (17, 17)
    assert read_folder(folder(tmp_path / "y", {"a": 1, "b": 1}, side=3)).dataset.pixels.shape[1] == 8
    assert read_folder(folder(tmp_path / "z", {"a": 1, "b": 1}, side=300)).dataset.pixels.shape[1] == 224


def test_channels_are_one_only_if_all_are_gray(tmp_path):
    root = folder(tmp_path, {"a": 2, "b": 2}, channels=1)
    assert read_folder(root).dataset.pixels.shape[3] == 1
    assert read_folder(root, channels=3).dataset.pixels.shape[3] == 3
    Image.fromarray(noise()).save(root / "a" / "color.png")
    assert read_folder(root).dataset.pixels.shape[3] == 3
    assert read_folder(root, channels=1).dataset.pixels.shape[3] == 1


def test_bad_files_are_skipped_and_reported(tmp_path):
    root = folder(tmp_path, {"a": 60, "b": 60}, side=8)
    jpeg = encoded(noise(99, 99), "JPEG")
    (root / "a" / "0.png").write_bytes(b"")
    (root / "a" / "page.jpg").write_bytes(b"<html>not found</html>")
    (root / "b" / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (root / "b" / "bomb.png").write_bytes(bomb())
    data = read_folder(root)
    assert {path.name: re.split("[,;]", reason)[0] for path, reason in data.skipped} == {
        "0.png": "the file is empty",
        "page.jpg": "it is not an image but a web page (HTML)",
        "cut.jpg": "it is cut off (truncated)",
        "bomb.png": "it has 81 million pixels",
    }
    pixels, labels = part(data)
    assert len(pixels) == len(labels) == 119 and torch.bincount(labels).tolist() == [59, 60]
    good = [path for path in sorted((root / "a").iterdir()) if path.name not in ("0.png", "page.jpg")]
    assert np.array_equal(pixels[0].numpy(), read_image(good[0]))


@pytest.mark.parametrize(("good", "bad", "refused"), [(95, 5, False), (94, 6, True), (1, 1, True)])
def test_too_many_bad_files(tmp_path, good, bad, refused):
    root = folder(tmp_path, {"a": good, "b": 0}, side=8)
    Image.fromarray(noise(8, 8)).save(root / "b" / "one.png")
    (root / "a" / "0.png").rename(root / "b" / "0.png")  # the total stays `good + bad` and one more
    for number in range(bad):
        (root / "a" / f"bad{number}.jpg").write_bytes(b"text")
    if refused:
        with pytest.raises(DataError, match=f"{bad} of the {good + bad + 1} files") as caught:
            read_folder(root)
        assert "looks like text" in str(caught.value) and len(str(caught.value).splitlines()) <= 10
    else:
        assert len(read_folder(root).skipped) == bad


def test_a_class_without_usable_images_is_an_error(tmp_path):
    root = folder(tmp_path, {"a": 60, "b": 0, "c": 2}, side=8)
    (root / "b" / "1.jpg").write_bytes(b"")
    with pytest.raises(DataError, match="No training image of these classes can be used: b"):
        read_folder(root)


def test_a_file_deleted_between_listing_and_decoding_is_skipped(tmp_path, monkeypatch):
    root = folder(tmp_path, {"a": 30, "b": 30}, side=8)
    real = build.decode_all

    def and_delete(work, todo):
        (root / "a" / "7.png").unlink()
        return real(work, todo)

    monkeypatch.setattr(build, "decode_all", and_delete)
    data = read_folder(root)
    assert [path.name for path, _ in data.skipped] == ["7.png"] and "no such file" in data.skipped[0][1]
    assert len(data.splits["train"]) == 59


def test_a_refused_folder_is_read_after_it_was_repaired(tmp_path, monkeypatch):
    root = folder(tmp_path, {"a": 9, "b": 9}, side=8)
    (root / "a" / "bad.png").write_bytes(b"")
    (root / "a" / "bad2.png").write_bytes(b"")
    for _attempt in range(2):
        with pytest.raises(DataError, match="2 of the 20 files"):
            read_folder(root)
    (root / "a" / "bad.png").unlink()
    (root / "a" / "bad2.png").unlink()
    assert len(part(read_folder(root))[0]) == 18


def test_a_large_cache_stays_in_its_file(tmp_path, monkeypatch):
    root = folder(tmp_path, {"a": 4, "b": 4})
    small = read_folder(root)
    monkeypatch.setattr(memory, "READ_TOGETHER", 100)
    monkeypatch.setattr(ImageCache, "read", lambda _: pytest.fail("all was read"))
    large = read_folder(root)
    assert torch.equal(large.dataset.pixels, small.dataset.pixels)
    assert large.dataset.verify is not None and small.dataset.verify is None


def test_no_more_than_a_share_of_memory_is_filled(tmp_path, monkeypatch):
    root = folder(tmp_path, {"a": 4, "b": 4})  # 8 x 12 x 12 x 3 = 3456 bytes, 40 % of 8640
    for free, mapped in ((8630, True), (8650, False), (None, False)):
        monkeypatch.setattr(memory, "free_memory", lambda free=free: free)
        assert (read_folder(root).dataset.verify is not None) is mapped


def test_damaged_pixels_are_decoded_again(tmp_path):
    root = folder(tmp_path, {"a": 4, "b": 4})
    first = read_folder(root)
    (path,) = build.cache_path(root, None, None, "crop").glob("*/pixels.bin")
    path.write_bytes(bytes(path.stat().st_size))
    assert torch.equal(read_folder(root).dataset.pixels, first.dataset.pixels)


def test_notes_name_unusual_images(tmp_path):
    root = folder(tmp_path, {"a": 1, "b": 1}, side=8)
    Image.fromarray(noise(500, 9)).save(root / "a" / "narrow.png")
    Image.fromarray(noise(1, 1)).save(root / "a" / "tiny.png")
    first = Image.fromarray(noise(8, 8, 1))
    first.save(root / "b" / "moving.gif", save_all=True, append_images=[Image.fromarray(noise(8, 8, 1, 1))])
    notes = read_folder(root).notes
    assert any("several frames" in note for note in notes)
    assert any("are cropped to 8 x 8 pixels" in note for note in notes)
    assert any("smaller than 8" in note for note in notes)


def test_splits_keep_their_own_images(tmp_path):
    folder(tmp_path / "train", {"a": 3, "b": 2}, seed=1)
    folder(tmp_path / "val", {"b": 2}, seed=2)
    folder(tmp_path / "test", {"a": 1, "b": 1}, seed=3)
    data = read_folder(tmp_path)
    assert {name: part(data, name)[1].tolist() for name in data.splits} == {
        "train": [0, 0, 0, 1, 1],
        "validation": [1, 1],
        "test": [0, 1],
    }


def test_a_split_without_images(tmp_path):
    folder(tmp_path / "train", {"a": 3, "b": 2})
    (tmp_path / "test" / "a").mkdir(parents=True)
    assert len(read_folder(tmp_path).splits["test"]) == 0


def test_a_full_disk_is_an_error(tmp_path):
    root = folder(tmp_path, {"a": 1, "b": 1})
    with pytest.raises(ResourceError, match="GB of disk"):
        read_folder(root, size=2_000_000)
