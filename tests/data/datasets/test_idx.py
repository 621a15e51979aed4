import gzip
import io
import struct
import tracemalloc

import numpy as np
import pytest

from axone.data.datasets.idx import read_idx
from axone.errors import DataError


def idx(array, shape=None, kind=8):
    shape = array.shape if shape is None else shape
    return bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + array.tobytes()


IMAGES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)


@pytest.mark.parametrize("cache", [bytes, gzip.compress])
def test_reads_plain_and_gzip(tmp_path, cache):
    (tmp_path / "x").write_bytes(cache(idx(IMAGES)))
    assert np.array_equal(read_idx(tmp_path / "x", 3), IMAGES)


def test_reads_nothing_from_an_empty_array(tmp_path):
    (tmp_path / "x").write_bytes(idx(np.zeros((0, 28, 28), np.uint8)))
    assert read_idx(tmp_path / "x", 3).shape == (0, 28, 28)


CASES = {
    "empty": (b"", "two zero bytes"),
    "text": (b"<!doctype html>", "two zero bytes"),
    "type": (idx(IMAGES, kind=13), "type 13"),
    "dimensions": (idx(IMAGES.reshape(-1)), "1 dimensions"),
    "header": (idx(IMAGES)[:10], "within its header"),
    "short": (idx(IMAGES)[:-1], "cut off"),
    "long": (idx(IMAGES) + b"1", "longer"),
    "gzip short": (gzip.compress(idx(IMAGES)[:-1]), "cut off"),
    "gzip long": (gzip.compress(idx(IMAGES) + b"1"), "longer"),
    "gzip cut": (gzip.compress(idx(IMAGES))[:-20], "damaged"),
    "gzip flipped": (gzip.compress(idx(IMAGES))[:-6] + b"abcdef", "damaged"),
    "absurd": (idx(IMAGES, (2**32 - 1,) * 3), "more than it can hold"),
    "absurd gzip": (gzip.compress(idx(IMAGES, (2**32 - 1,) * 3)), "more than it can hold"),
}


@pytest.mark.parametrize("name", CASES)
def test_damaged_files_are_refused(tmp_path, name):
    content, expected = CASES[name]
    path = tmp_path / "some file"
    path.write_bytes(content)
    with pytest.raises(DataError, match=expected) as caught:
        read_idx(path, 3)
    assert str(path) in str(caught.value)


def test_missing_files_are_errors(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        read_idx(tmp_path / "nothing", 3)


def test_a_wrong_header_costs_no_memory(tmp_path):
    # 300 kB of compressed noise might hold 300 MB for all that its size says; the header claims them, falsely.
    noise = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8)
    buffer = io.BytesIO(gzip.compress(idx(noise, (300, 1000, 1000))))
    (tmp_path / "x").write_bytes(buffer.getvalue())
    tracemalloc.start()
    with pytest.raises(DataError, match="cut off"):
        read_idx(tmp_path / "x", 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
