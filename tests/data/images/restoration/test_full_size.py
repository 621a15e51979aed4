"""Images at their own sizes, alone and in pairs; folders that do not match are refused."""

import numpy as np
import pytest
from PIL import Image

from axone.data.images.restoration import full_size
from axone.data.images.restoration.full_size import read_full_size
from axone.data.images.scale.scale import Scale
from axone.errors import DataError
from tests.helpers.data.images import noise


def write(folder, **sizes):
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, (height, width)) in enumerate(sizes.items()):
        Image.fromarray(noise(height, width, seed=number)).save(folder / f"{name}.png")
    return folder


def pixels(collection, number):
    start, height, width = (int(each[number]) for each in (collection.starts, collection.heights, collection.widths))
    return collection.pixels[start : start + height * width].view(height, width, -1).numpy()


def test_images_keep_their_sizes_and_their_pixels(tmp_path):
    collection = read_full_size(write(tmp_path, a=(30, 41), b=(8, 200)))
    assert collection.noisy is None and collection.splits["train"].tolist() == [0, 1] and collection.clean.channels == 3
    assert np.array_equal(pixels(collection.clean, 0), noise(30, 41, seed=0))
    assert np.array_equal(pixels(collection.clean, 1), noise(8, 200, seed=1))
    assert read_full_size(tmp_path, channels=1).clean.channels == 1


def test_both_folders_of_pairs_have_one_scale(tmp_path):
    rng = np.random.default_rng(0)
    clean = rng.integers(9000, 9900, (3, 12, 14)).astype(np.uint16)
    noisy = clean + rng.integers(0, 400, clean.shape).astype(np.uint16)
    for name, images in (("clean", clean), ("noisy", noisy)):
        (tmp_path / name).mkdir()
        for number, image in enumerate(images):
            Image.fromarray(image).save(tmp_path / name / f"{number}.png")
    pairs = read_full_size(tmp_path / "clean", tmp_path / "noisy")
    assert pairs.scale == Scale(int(clean.min()), int(noisy.max()), "uint16")
    assert np.array_equal(pixels(pairs.clean, 1)[..., 0], pairs.scale.to_bytes(clean[1]))
    assert np.array_equal(pixels(pairs.noisy, 2)[..., 0], pairs.scale.to_bytes(noisy[2]))
    assert any("One scale for all images" in note for note in pairs.notes)
    other = read_full_size(tmp_path / "clean", scale=Scale(0, 9900, "uint16"))
    assert other.scale.low == 0 and pixels(other.clean, 0).min() > 200


def test_classes_and_splits_are_read(tmp_path):
    write(tmp_path / "train" / "cat", a=(9, 9), b=(9, 9))
    write(tmp_path / "train" / "dog", a=(9, 9))
    write(tmp_path / "test" / "dog", z=(9, 12))
    collection = read_full_size(tmp_path)
    assert {part: len(members) for part, members in collection.splits.items()} == {"train": 3, "test": 1}
    assert collection.clean.widths[collection.splits["test"]].tolist() == [12]


def test_a_damaged_image_is_skipped_and_many_are_refused(tmp_path):
    write(tmp_path, **{f"p{number:02}": (9, 9) for number in range(30)})
    (tmp_path / "p03.png").write_bytes((tmp_path / "p03.png").read_bytes()[:200])
    collection = read_full_size(tmp_path)
    assert len(collection.clean) == 29 and [path.name for path, _reason in collection.skipped] == ["p03.png"]
    for number in (5, 6, 7):
        (tmp_path / f"p{number:02}.png").write_bytes(b"no image at all")
    with pytest.raises(DataError, match="4 of the 30 files"):
        read_full_size(tmp_path)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_a_missing_and_an_empty_folder_are_errors(tmp_path, make):
    make(tmp_path / "photos")
    with pytest.raises(DataError, match="photos"):
        read_full_size(tmp_path / "photos")


def test_images_that_do_not_fit_into_memory_are_cropped_to_their_middle(tmp_path, monkeypatch):
    write(tmp_path, large=(40, 80), small=(5, 5))
    monkeypatch.setattr(full_size, "max_bytes_read", lambda: 2 * 3 * 800)
    collection = read_full_size(tmp_path)
    assert np.array_equal(pixels(collection.clean, 0), noise(40, 80, seed=0)[10:30, 20:60])
    assert np.array_equal(pixels(collection.clean, 1), noise(5, 5, seed=1))
    assert any("1 image does not fit into memory" in note for note in collection.notes)


def test_pairs_are_matched_by_name_without_the_ending(tmp_path):
    clean, noisy = write(tmp_path / "clean", a=(9, 12), b=(11, 9)), tmp_path / "noisy"
    noisy.mkdir()
    for name, seed in (("b.bmp", 8), ("a.png", 7)):
        size = (9, 12) if seed == 7 else (11, 9)
        Image.fromarray(noise(*size, seed=seed)).save(noisy / name)
    collection = read_full_size(clean, noisy)
    assert np.array_equal(pixels(collection.clean, 1), noise(11, 9, seed=1))
    assert np.array_equal(pixels(collection.noisy, 0), noise(9, 12, seed=7))
    assert np.array_equal(pixels(collection.noisy, 1), noise(11, 9, seed=8))


@pytest.mark.parametrize(
    ("noisy", "words"),
    [
        ({"c": (9, 9)}, "No image in .*clean.* has one of the same name in .*noisy"),
        ({"a": (9, 9)}, "1 image in .*clean.* has no partner in .*noisy.*: b"),
        ({"a": (9, 9), "b": (9, 9), "c": (9, 9), "d": (9, 9)}, "2 images in .*noisy.* have no partners.*: c, d"),
        ({"a": (9, 9), "b": (9, 8)}, r"1 pair has two different sizes: b.png \(9 x 9 / 8 x 9\)"),
    ],
)
def test_folders_that_do_not_match_are_refused(tmp_path, noisy, words):
    with pytest.raises(DataError, match=words) as raised:
        read_full_size(write(tmp_path / "clean", a=(9, 9), b=(9, 9)), write(tmp_path / "noisy", **noisy))
    assert raised.value.exit_code == 3 and raised.value.expected


def test_two_partners_of_one_name_are_refused(tmp_path):
    clean, noisy = write(tmp_path / "clean", a=(9, 9)), write(tmp_path / "noisy", a=(9, 9))
    Image.fromarray(noise(9, 9)).save(noisy / "a.bmp")
    with pytest.raises(DataError, match="two images of one name: a"):
        read_full_size(clean, noisy)


def test_a_pair_with_a_damaged_half_is_skipped_whole(tmp_path):
    names = {f"p{number:02}": (9, 9) for number in range(30)}
    clean, noisy = write(tmp_path / "clean", **names), write(tmp_path / "noisy", **names)
    (noisy / "p07.png").write_bytes(b"")
    collection = read_full_size(clean, noisy)
    assert len(collection.clean) == len(collection.noisy) == 29 and "p07.png" not in map(
        collection.clean.file_name, range(29)
    )
