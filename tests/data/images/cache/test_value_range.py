import numpy as np
import pytest
from PIL import Image

from axone.data.images.cache.build import ensure_cache
from axone.data.images.cache.value_range import find_scale
from axone.data.images.folders.listing import list_folder
from axone.data.images.folders.read import read_folder
from axone.data.images.scale.scale import Scale
from tests.helpers.data.images import encoded, noise

RANDOM = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def root(tmp_path):
    """A folder of temperatures in two classes, and the values of its files."""
    for name in ("cold", "warm"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(4):
            values = (250 if name == "cold" else 300) + number + RANDOM.random((9, 9)).astype(np.float32)
            Image.fromarray(values).save(tmp_path / "photos" / name / f"{number}.tif")
    return tmp_path / "photos"


def values_of(root):
    return np.stack([np.asarray(Image.open(path)) for path in sorted(root.rglob("*.tif"))])


def test_the_scale_is_that_of_all_files_whatever_their_number(root):
    values = values_of(root)
    folder_scale = find_scale(sorted(root.rglob("*.tif")))
    assert folder_scale.scale == Scale(float(values.min()), float(values.max())) and folder_scale.levels > 30


def test_files_that_are_no_images_or_have_8_bits_do_not_count(root):
    (root / "cold" / "text.tif").write_text("hello")
    (root / "cold" / "bytes.png").write_bytes(encoded(noise(9, 9)))
    calls = []
    names = ["cold/text.tif", "cold/0.tif", "cold/bytes.png"]
    folder_scale = find_scale([root / name for name in names], lambda *call: calls.append(call[1:]))
    assert folder_scale.scale.has_bytes and 249 < folder_scale.scale.low < folder_scale.scale.high < 252
    assert calls == [(3, 3)]


def test_a_cache_has_the_scale_and_a_second_start_decodes_nothing(root, monkeypatch):
    cache = ensure_cache(list_folder(root), None, None)
    values = values_of(root)
    assert np.array_equal(cache.read()[..., 0].numpy(), cache.scale.to_bytes(values))
    assert cache.levels > 30 and cache.not_finite == 0
    for name in ("build.find_scale", "shape.read_header", "build.decode_all"):
        monkeypatch.setattr(f"axone.data.images.cache.{name}", None)
    again = ensure_cache(list_folder(root), None, None)
    assert again.scale == cache.scale and again.folder == cache.folder
    resumed = ensure_cache(list_folder(root), (9, 9), 1, "crop", cache.scale)
    assert resumed.folder == cache.folder, "a run that is resumed finds what its training decoded"


def test_another_scale_is_another_cache(root):
    automatic = ensure_cache(list_folder(root), None, None)
    other = ensure_cache(list_folder(root), None, None, "crop", Scale(0.0, 510.0))
    assert other.folder != automatic.folder and other.scale == Scale(0.0, 510.0)
    assert np.array_equal(other.read()[..., 0].numpy(), np.rint(values_of(root) / 2))
    assert other.table["outside"].max() == 0
    by_type = ensure_cache(list_folder(root), None, None, "crop", "type")
    assert by_type.scale is None and by_type.read()[4:].max() <= 2, "floats above 255 count as 16-bit values"


def test_a_new_file_that_changes_the_scale_changes_all_images(root):
    before = ensure_cache(list_folder(root), None, None)
    Image.fromarray(np.full((9, 9), 400, np.float32)).save(root / "warm" / "hot.tif")
    after = ensure_cache(list_folder(root), None, None)
    assert after.scale.high == 400 and after.scale.low == before.scale.low
    assert np.array_equal(after.read()[:8, ..., 0].numpy(), after.scale.to_bytes(values_of(root)[:8]))


def test_an_image_of_16_bits_outside_the_sample_is_found_while_decoding(tmp_path, monkeypatch):
    monkeypatch.setattr("axone.data.images.cache.shape.SAMPLE", 2)
    for name in ("a", "b"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(3):
            (tmp_path / "photos" / name / f"{number}.png").write_bytes(encoded(noise(9, 9, 1)))
    values = RANDOM.integers(5000, 6000, (9, 9)).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "photos" / "a" / "1.png")
    cache = ensure_cache(list_folder(tmp_path / "photos"), None, None)
    assert cache.scale.has_bytes and cache.scale.low > 4000
    assert np.array_equal(cache.read()[1, ..., 0].numpy(), cache.scale.to_bytes(values))
    assert np.array_equal(cache.read()[0, ..., 0].numpy(), noise(9, 9, 1).reshape(9, 9))


def test_a_scale_that_is_set_leaves_images_of_8_bits_as_they_are(root):
    requested = Scale(0.0, 510.0, has_bytes=True)  # as the setting gives it
    data = read_folder(root, scale=requested)
    assert data.scale == Scale(0.0, 510.0), "the run knows that there are no images of 8 bits"
    resumed = ensure_cache(list_folder(root), (9, 9), 1, "crop", data.scale)
    assert resumed.scale == requested and np.array_equal(resumed.read(), data.dataset.pixels)
    (root / "cold" / "bytes.png").write_bytes(encoded(noise(9, 9, 1)))
    mixed = read_folder(root, scale=requested)
    assert mixed.scale == requested and any("1 image has 8 bits" in note for note in mixed.notes)
    rows = {mixed.dataset.name(row): row for row in range(9)}
    assert np.array_equal(mixed.dataset.pixels[rows["cold/bytes.png"], ..., 0], noise(9, 9, 1).reshape(9, 9))


def test_a_scale_that_is_set_for_images_of_8_bits_is_not_used(tmp_path):
    for name in ("a", "b"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(3):
            (tmp_path / "photos" / name / f"{number}.png").write_bytes(encoded(noise(9, 9, 1)))
    data = read_folder(tmp_path / "photos", scale=Scale(0.0, 16.0, has_bytes=True))
    assert data.scale is None and any("--scale is not used" in note for note in data.notes)
    assert np.array_equal(data.dataset.pixels[0, ..., 0], noise(9, 9, 1).reshape(9, 9))
