import hashlib

import numpy as np
import pytest

from axone.data.images import statistics as module
from axone.data.images.statistics import compute_statistics, hash_images, mean_and_std


def pixels(count=20, height=9, width=7, channels=3):
    made = np.random.default_rng(0).integers(0, 256, (count, height, width, channels), dtype=np.uint8)
    made[..., -1] //= 3
    return made


def test_the_sums_are_exact():
    made = pixels()
    wide = made.astype(object)
    assert compute_statistics(made)[..., 0].tolist() == wide.sum((1, 2)).tolist()
    assert compute_statistics(made)[..., 1].tolist() == (wide * wide).sum((1, 2)).tolist()
    assert compute_statistics(made[:0]).shape == (0, 3, 2)


def test_statistics_are_computed_in_chunks(monkeypatch):
    made = pixels(11)
    whole = compute_statistics(made)
    monkeypatch.setattr(module, "_CHUNK", 2 * made[0].size)
    assert np.array_equal(compute_statistics(made), whole)


def test_mean_and_deviation_are_those_of_the_pixels():
    made = pixels(300)
    mean, std = mean_and_std(compute_statistics(made), 9 * 7)
    values = made.reshape(-1, 3) / 255
    assert mean == pytest.approx(values.mean(0), rel=1e-12)
    assert std == pytest.approx(values.std(0), rel=1e-12)


def test_statistics_of_a_subset():
    made, some = pixels(50), [3, 4, 40]
    assert mean_and_std(compute_statistics(made)[some], 63) == mean_and_std(compute_statistics(made[some]), 63)


def test_a_constant_channel_is_left_alone():
    made = np.full((3, 2, 2, 1), 51, np.uint8)
    assert mean_and_std(compute_statistics(made), 4) == ((0.2,), (1.0,))


def test_hashes_distinguish_images():
    made = pixels(4)
    made[3] = made[1]
    found = hash_images(made)
    assert found.shape == (4, 16) and len({row.tobytes() for row in found}) == 3
    assert found[0].tobytes() == hashlib.blake2b(made[0].tobytes(), digest_size=16).digest()
    assert np.array_equal(hash_images(made[:, ::-1])[0], hash_images(np.ascontiguousarray(made[:, ::-1]))[0])
