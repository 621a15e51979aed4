"""The cache of a previous state of a folder is found, and reused as far as it is intact."""

import numpy as np
import pytest

from axone.data.images.cache.build import ensure_cache
from axone.data.images.cache.decoding import DecodingJob, record_dtype
from axone.data.images.cache.format import folder_state
from axone.data.images.cache.reuse import find_previous
from axone.data.images.folders.listing import list_folder
from tests.helpers.data.images import folder


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """A folder with a cache, to which an image was added; a file of pixels for the next cache."""
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path / "cache"))
    root = folder(tmp_path / "photos", {"a": 3, "b": 2}, side=8)
    cache = ensure_cache(list_folder(root), None, None)
    (root / "a" / "new.png").write_bytes((root / "a" / "0.png").read_bytes())
    listing = list_folder(root)
    pixels = tmp_path / "pixels.bin"
    pixels.write_bytes(bytes(len(listing.files) * 8 * 8 * 3))
    return cache, listing, DecodingJob(str(root), str(pixels), 8, 8, 3, "crop")


def next_folder(cache, listing):
    return cache.folder.parent / folder_state(listing.files)


def test_unchanged_images_are_copied_with_their_records(changed):
    cache, listing, job = changed
    previous = find_previous(next_folder(cache, listing), listing, job)
    table, skipped = np.zeros(len(listing.files), record_dtype(3)), {}
    rows = previous.copy_unchanged(table, skipped)
    names = [file.name for file in listing.files]
    assert {names[row] for row in rows} == set(names) - {"a/new.png"} and skipped == {}
    old = {file: row for row, file in enumerate(name for name in names if name != "a/new.png")}
    copied = np.fromfile(job.pixels, np.uint8).reshape(-1, 8, 8, 3)
    for row in rows:
        assert (copied[row] == cache.read().numpy()[old[names[row]]]).all()
        assert table[row] == cache.table[old[names[row]]]
    assert previous.content_sha256(names.index("a/new.png")) is None


def test_a_damaged_image_is_not_reused(changed):
    cache, listing, job = changed
    with cache.pixels_path.open("r+b") as file:
        file.write(b"\xff\x00\xff")
    previous = find_previous(next_folder(cache, listing), listing, job)
    rows = previous.copy_unchanged(np.zeros(len(listing.files), record_dtype(3)), {})
    assert 0 not in rows and len(rows) == 4


def test_a_cache_of_another_shape_is_not_found(changed):
    cache, listing, job = changed
    other = DecodingJob(job.root, job.pixels, 9, 9, 3, "crop")
    assert find_previous(next_folder(cache, listing), listing, other) is None
    assert find_previous(cache.folder, listing, job) is None  # the same state is not a previous one
