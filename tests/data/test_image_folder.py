import numpy as np
import pytest
import torch
from pictures import bomb, encoded, folder, noise
from PIL import Image

from axone.data import image_folder as module
from axone.data.image_file import read_image
from axone.data.image_folder import read_folder
from axone.errors import DataError, ResourceError


def test_pixels_are_those_of_the_files(tmp_path):
    root = folder(tmp_path, {"a": 3, "b": 2}, side=9)
    told = []
    found = read_folder(root, progress=lambda *state: told.append(state))
    pixels, labels = found.parts["train"]
    assert found.classes == ("a", "b") and labels.tolist() == [0, 0, 0, 1, 1]
    assert pixels.shape == (5, 9, 9, 3) and pixels.is_contiguous()
    for number, path in enumerate(sorted(root.glob("*/*"))):
        assert np.array_equal(pixels[number].numpy(), read_image(path))
    assert told[-1] == (5, 5) and found.skipped == []


def test_size_is_the_median_side_within_limits(tmp_path):
    root = folder(tmp_path / "x", {"a": 1, "b": 1}, side=10)
    for number, shape in enumerate([(30, 40), (50, 20), (25, 60)]):
        Image.fromarray(noise(*shape)).save(root / "a" / f"more{number}.png")
    assert read_folder(root).parts["train"][0].shape[1:3] == (20, 20)
    assert read_folder(root, size=17).parts["train"][0].shape[1:3] == (17, 17)
    assert read_folder(folder(tmp_path / "y", {"a": 1, "b": 1}, side=3)).parts["train"][0].shape[1] == 8
    assert read_folder(folder(tmp_path / "z", {"a": 1, "b": 1}, side=300)).parts["train"][0].shape[1] == 224


def test_channels_are_one_only_if_all_are_grey(tmp_path):
    root = folder(tmp_path, {"a": 2, "b": 2}, channels=1)
    assert read_folder(root).parts["train"][0].shape[3] == 1
    assert read_folder(root, channels=3).parts["train"][0].shape[3] == 3
    Image.fromarray(noise()).save(root / "a" / "colour.png")
    assert read_folder(root).parts["train"][0].shape[3] == 3
    assert read_folder(root, channels=1).parts["train"][0].shape[3] == 1


def test_bad_files_are_skipped_and_reported(tmp_path):
    root = folder(tmp_path, {"a": 60, "b": 60}, side=8)
    jpeg = encoded(noise(99, 99), "JPEG")
    (root / "a" / "0.png").write_bytes(b"")
    (root / "a" / "page.jpg").write_bytes(b"<html>not found</html>")
    (root / "b" / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (root / "b" / "bomb.png").write_bytes(bomb())
    found = read_folder(root)
    assert {path.name: reason.split(",")[0] for path, reason in found.skipped} == {
        "0.png": "the file is empty",
        "page.jpg": "it is not an image but a web page (HTML)",
        "cut.jpg": "it is cut off (truncated)",
        "bomb.png": "it has 81 million pixels",
    }
    pixels, labels = found.parts["train"]
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


def test_a_class_whose_every_picture_is_bad(tmp_path):
    root = folder(tmp_path, {"a": 60, "b": 0, "c": 2}, side=8)
    (root / "b" / "1.jpg").write_bytes(b"")
    with pytest.raises(DataError, match="No training picture of these classes can be used: b"):
        read_folder(root)


def test_a_file_that_vanishes_between_listing_and_decoding(tmp_path, monkeypatch):
    root = folder(tmp_path, {"a": 30, "b": 30}, side=8)
    monkeypatch.setattr(module, "read_header", _and_delete(root / "a" / "7.png"))
    found = read_folder(root)
    assert [path.name for path, _ in found.skipped] == ["7.png"] and "no such file" in found.skipped[0][1]


def _and_delete(victim):
    real = module.read_header

    def read(path):
        header = real(path)
        if path == victim:
            path.unlink()
        return header

    return read


def test_notes_on_odd_pictures(tmp_path):
    root = folder(tmp_path, {"a": 1, "b": 1}, side=8)
    Image.fromarray(noise(500, 9)).save(root / "a" / "narrow.png")
    Image.fromarray(noise(1, 1)).save(root / "a" / "tiny.png")
    first = Image.fromarray(noise(8, 8, 1))
    first.save(root / "b" / "moving.gif", save_all=True, append_images=[Image.fromarray(noise(8, 8, 1, 1))])
    notes = read_folder(root).notes
    assert any("several frames" in note for note in notes)
    assert any("long and narrow" in note for note in notes)
    assert any("smaller than 8" in note for note in notes)


def test_parts_keep_their_own(tmp_path):
    folder(tmp_path / "train", {"a": 3, "b": 2}, seed=1)
    folder(tmp_path / "val", {"b": 2}, seed=2)
    folder(tmp_path / "test", {"a": 1, "b": 1}, seed=3)
    parts = read_folder(tmp_path).parts
    assert {part: labels.tolist() for part, (_, labels) in parts.items()} == {
        "train": [0, 0, 0, 1, 1],
        "validation": [1, 1],
        "test": [0, 1],
    }


def test_more_than_memory(tmp_path):
    root = folder(tmp_path, {"a": 1, "b": 1})
    with pytest.raises(ResourceError, match="GB of memory"):
        read_folder(root, size=2_000_000)
