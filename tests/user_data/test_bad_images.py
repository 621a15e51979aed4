"""The twenty bad inputs for images, by their numbers in the project's list (reliability, section 2).

Each gets the answer it deserves: skipped with its reason, used with a note, or refused with an exit code, a
sentence that names it, and a remedy.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from axone import cli
from axone.data.images.decode.file import read_image
from axone.data.images.load import load_images
from axone.data.images.report import build_report, describe
from axone.errors import RunError, Stopped
from axone.train import resume, train
from tests.helpers.data.images import all_splits, bomb, encoded, folder, noise

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such files or names")


@pytest.fixture
def root(tmp_path):
    """A folder of forty good images in two classes, so that one bad file is not too many."""
    return folder(tmp_path / "photos", {"cat": 20, "dog": 20}, side=8)


@pytest.fixture
def axone(capsys):
    """Run a command; returns its exit code and what it printed."""

    def type_(*words):
        code = cli.main([str(word) for word in words])
        reported = capsys.readouterr().err
        assert "Traceback" not in reported and len(reported.splitlines()) <= 10
        return code, reported

    return type_


def skipped(root: Path) -> tuple[str, str]:
    """The one file that is skipped, and why: as printed, and as saved in the run."""
    data = load_images(str(root))
    assert len(data.train) + len(data.test) == 40
    ((path, reason),) = data.skipped
    assert any(reason in line and path.name in line for line in describe(data, all_splits(data)))
    report = build_report(data, {"train": data.train, "test": data.test})
    assert report["skipped_count"] == 1 and report["skipped"][0]["reason"] == reason
    return path.name, reason


def note(root: Path, part: str) -> str:
    """The note that holds these words."""
    (line_of_part,) = [line for line in load_images(str(root)).notes if part in line]
    return line_of_part


def put(root: Path, content: bytes, name: str = "bad.jpg") -> None:
    (root / "cat" / name).write_bytes(content)


def test_01_an_empty_file(root):
    put(root, b"")
    assert skipped(root) == ("bad.jpg", "the file is empty")


def test_02_a_jpeg_cut_in_half(root):
    whole = encoded(noise(200, 200), "JPEG")
    put(root, whole[: len(whole) // 2])
    assert skipped(root) == ("bad.jpg", "it is cut off (truncated)")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE html><html><body>404</body></html>", "it is not an image but a web page (HTML)"),
        (b"not an image at all\n", "it is not an image but looks like text"),
    ],
)
def test_03_text_named_jpg(root, content, reason):
    put(root, content)
    assert skipped(root) == ("bad.jpg", reason)


def test_04_ten_kilobytes_of_81_million_pixels(root):
    put(root, bomb(), "bad.png")
    assert skipped(root) == ("bad.png", "it has 81 million pixels; 80 million are allowed")


def test_05_more_pixels_than_pillow_itself_takes(root):
    put(root, bomb(14_000, 14_000), "bad.png")
    assert skipped(root) == ("bad.png", "it has more pixels than the 80 million allowed")


@pytest.mark.parametrize(
    ("height", "width", "said"), [(1, 1, "smaller than 8"), (1, 5000, "1 of 41 images are cropped to 8 x 8 pixels")]
)
def test_06_one_pixel_and_one_row(root, height, width, said):
    put(root, encoded(noise(height, width)), "odd.png")
    assert said in note(root, said)
    data = load_images(str(root))
    assert data.skipped == () and data.train.shape == (8, 8, 3) and len(data.train) + len(data.test) == 41


MODES = {
    "CMYK": Image.new("CMYK", (8, 8), (0, 255, 255, 0)),
    "16 bits": Image.fromarray(np.full((8, 8), 257 * 90, np.uint16)),
    "palette with alpha": Image.new("RGBA", (8, 8), (0, 0, 0, 0)).quantize(2),
    "LA": Image.new("LA", (8, 8), (40, 0)),
    "1": Image.new("1", (8, 8), 1),
    "RGBA": Image.new("RGBA", (8, 8), (10, 20, 30, 255)),
    "YCbCr": Image.new("YCbCr", (8, 8), (77, 128, 128)),
    "F": Image.fromarray(np.full((8, 8), 0.2, np.float32)),
}
COLORS = {"CMYK": (255, 0, 0), "16 bits": (90,) * 3, "RGBA": (10, 20, 30), "YCbCr": (77,) * 3, "F": (51,) * 3}


@pytest.mark.parametrize("mode", MODES)
def test_07_any_mode_gives_the_same_each_time(root, mode):
    path = root / "cat" / "odd.tiff"
    MODES[mode].save(path, compression=None) if mode != "palette with alpha" else MODES[mode].save(path, "PNG")
    data = load_images(str(root))
    row = [data.train.dataset.name(row) for row in range(41)].index("cat/odd.tiff")
    pixels = data.train.dataset.pixels[row]
    assert data.skipped == () and (pixels == torch.tensor(COLORS.get(mode, (255,) * 3))).all()
    assert np.array_equal(read_image(path, size=8, channels=3), pixels.numpy())  # what prediction sees


@pytest.mark.parametrize(("kind", "name"), [("GIF", "x.gif"), ("PNG", "x.png"), ("TIFF", "x.tiff"), ("WEBP", "x.webp")])
def test_08_several_frames_or_pages(root, kind, name):
    first, second = (Image.fromarray(np.full((8, 8), value, np.uint8)) for value in (60, 200))
    first.save(root / "cat" / name, kind, save_all=True, append_images=[second])
    assert note(root, "several frames") == "1 file has several frames or pages; the first is used."
    block = load_images(str(root)).train.dataset
    row = [block.name(row) for row in range(41)].index(f"cat/{name}")
    assert (block.pixels[row].int() - 60).abs().max() <= 2


def test_09_an_image_with_an_exif_rotation(root):
    upright = np.zeros((8, 8), np.uint8)
    upright[:4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    put(root, encoded(np.ascontiguousarray(np.rot90(upright)), exif=exif), "lying.png")
    block = load_images(str(root)).train.dataset
    row = [block.name(row) for row in range(41)].index("cat/lying.png")
    assert np.array_equal(block.pixels[row, :, :, 0].numpy(), upright)
    assert np.array_equal(read_image(root / "cat" / "lying.png")[..., 0], upright)


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"SIMPLE  =                    T", "FITS"),
        (b"\xc5\xd0\xd3\xc6" + bytes(20), "EPS"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
    ],
)
def test_10_a_format_that_is_not_read(root, content, format):
    put(root, content)
    assert skipped(root) == ("bad.jpg", f"its format, {format}, is not supported: convert it to PNG or JPEG")


def test_11_a_class_without_images(root, axone):
    (root / "eel").mkdir()
    code, reported = axone("train", "cnn", f"data={root}")
    assert code == 3 and "eel' has no images" in reported and "delete the folder" in reported


def test_12_one_class_only(root, axone):
    shutil.rmtree(root / "dog")
    code, reported = axone("train", "cnn", f"data={root}")
    assert code == 3 and "only one class: cat" in reported and "at least 2 classes" in reported


def test_13_a_class_with_one_image(root):
    (root / "eel").mkdir()
    put(root, encoded(noise(8, 8, 3, 7)), "../eel/1.png")
    assert note(root, "single image") == "Not tested, because they have a single image: eel."
    data = load_images(str(root))
    assert data.train.labels.bincount()[2] == 1 and (data.test.labels != 2).all()


def test_14_validation_has_a_class_that_training_lacks(tmp_path, axone):
    folder(tmp_path / "photos" / "train", {"cat": 3, "dog": 3})
    folder(tmp_path / "photos" / "val", {"cat": 1, "eel": 1})
    code, reported = axone("train", "cnn", f"data={tmp_path / 'photos'}")
    assert code == 3 and "training lacks: eel" in reported and "expected only: cat, dog" in reported


def test_15_the_same_image_twice(tmp_path):
    root = tmp_path / "photos"
    folder(root / "train", {"cat": 3, "dog": 3}, seed=1)
    folder(root / "val", {"cat": 3, "dog": 3}, seed=2)
    shutil.copy(root / "train" / "cat" / "0.png", root / "val" / "cat" / "copy.png")
    shutil.copy(root / "train" / "cat" / "1.png", root / "train" / "dog" / "wrong.png")
    assert "for example val/cat/copy.png" in note(root, "1 validation image is also a training image")
    assert "cat and dog" in note(root, "in two classes")
    data = load_images(str(root))
    report = build_report(data, {"train": data.train, "validation": data.validation, "test": data.test})
    assert report["duplicates_count"] == 2
    named = {copy["file"] for group in report["duplicates"] for copy in group}
    assert {"val/cat/copy.png", "train/dog/wrong.png", "train/cat/1.png"} <= named


@linux_only
def test_16_names_of_every_kind(root):
    names = ["with space.png", "émoji 🙂.png", "new\nline.png", "'; rm -rf.png", "\x1b[31m.png", "x" * 251 + ".png"]
    for number, name in enumerate([*names, os.fsdecode(b"not utf-8 \xff.png")]):
        put(root, encoded(noise(8, 8, 3, 100 + number)), name)
    put(root, b"", os.fsdecode(b"bad\xff\n.png"))
    data = load_images(str(root))
    assert len(data.train) + len(data.test) == 47
    reported = "\n".join(describe(data, all_splits(data)))
    assert "bad\\udcff\\n.png: the file is empty" in reported and reported.encode("utf-8") and "\x1b" not in reported
    assert all(data.train.dataset.name(row).isprintable() for row in range(48))


@linux_only
@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.symlink_to(path), "its symbolic link leads to itself"),
        (lambda path: path.symlink_to("/etc/passwd"), "it is not an image but looks like text"),
        (lambda path: path.symlink_to("/dev/zero"), "it is not a regular file"),
        (lambda path: path.symlink_to(path.parent / "nowhere"), "there is no such file, or its link is broken"),
        (lambda path: os.mkfifo(path), "it is not a regular file"),
    ],
    ids=["loop", "passwd", "device", "nowhere", "pipe"],
)
def test_17_links_pipes_and_devices(root, make, reason):
    make(root / "cat" / "bad.jpg")
    assert skipped(root) == ("bad.jpg", reason)


@linux_only
def test_17_a_folder_that_is_a_link_to_the_whole(root):
    (root / "all").symlink_to(root)
    assert load_images(str(root)).classes == ("cat", "dog")
    assert "all' is a link to a folder above" in note(root, "is a link to")


@pytest.mark.parametrize("what", ["file", "folder"])
def test_18_what_may_not_be_read(root, axone, monkeypatch, what):
    victim = root / "cat" / "7.png" if what == "file" else root / "cat"
    scan, opened = os.scandir, Path.open

    def refuse(real):  # chmod 000 does not stop root, who runs tests in many places
        def act(path, *rest, **more):
            if os.fspath(path) == str(victim):
                raise PermissionError(13, "Permission denied")
            return real(path, *rest, **more)

        return act

    monkeypatch.setattr(os, "scandir", refuse(scan))
    monkeypatch.setattr(Path, "open", refuse(opened))
    code, reported = axone("train", "cnn", f"data={root}")
    assert code == 5 and f"{victim}' may not be read by this user" in reported


def test_19_files_of_operating_systems_are_ignored(root):
    for name in (".DS_Store", "Thumbs.db", "cat/.DS_Store", "cat/._1.png", "dog/desktop.ini", "__MACOSX/cat/1.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"litter")
    data = load_images(str(root))
    assert data.classes == ("cat", "dog") and data.skipped == () and len(data.train) + len(data.test) == 40
    assert len(data.notes) == 1 and "held out" in data.notes[0]


def test_20_files_deleted_and_changed_during_training(root, tmp_path):
    """Training reads no file any more; resuming after a stop detects that the data changed, and keeps the run."""
    quick = {"data": str(root), "epochs": 2, "batch_size": 8, "channels": (4,), "dense": (4,), "threads": 1,
             "device": "cpu", "preset": "default"}  # fmt: skip
    untouched = train("cnn", runs_folder=tmp_path / "runs", **quick).results["weights_sha256"]

    def spoil(event):
        if event["kind"] == "epoch" and event["epoch"] == 1:
            (root / "cat" / "3.png").unlink()
            put(root, encoded(noise(8, 8, 3, 55)), "4.png")

    run = train("cnn", runs_folder=tmp_path / "runs", listener=spoil, **quick)
    assert run.results["weights_sha256"] == untouched
    with pytest.raises(RunError, match="not those that this run was trained on") as caught:
        resume(run.path, epochs=3)
    assert caught.value.exit_code == 4 and "restore the data" in str(caught.value)
    assert run.results["weights_sha256"] == untouched and not isinstance(caught.value, Stopped)


def test_every_number_is_here():
    numbers = {int(name[5:7]) for name in globals() if re.match(r"test_\d\d_", name)}
    assert numbers == set(range(1, 21))
