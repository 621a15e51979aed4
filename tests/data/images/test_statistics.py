import hashlib

import numpy as np
import pytest

from axone.data.images.statistics import compute_statistics, hash_images, mean_and_std


def pixels(count=20, height=9, width=7, channels=3):
    images = np.random.default_rng(0).integers(0, 256, (count, height, width, channels), dtype=np.uint8)
    images[..., -1] //= 3
    return images


def test_the_sums_are_exact():
    images = pixels()
    exact = images.astype(object)
    assert compute_statistics(images)[..., 0].tolist() == exact.sum((1, 2)).tolist()
    assert compute_statistics(images)[..., 1].tolist() == (exact * exact).sum((1, 2)).tolist()
    assert compute_statistics(images[:0]).shape == (0, 3, 2)


def test_statistics_of_many_images_are_exact():
    images = pixels(1200)  # more values than are summed together
    exact = images.astype(np.int64)
    assert np.array_equal(compute_statistics(images)[..., 0], exact.sum((1, 2)))
    assert np.array_equal(compute_statistics(images)[..., 1], (exact * exact).sum((1, 2)))


def test_mean_and_deviation_are_those_of_the_pixels():
    images = pixels(300)
    mean, std = mean_and_std(compute_statistics(images), 9 * 7)
    values = images.reshape(-1, 3) / 255
    assert mean == pytest.approx(values.mean(0), rel=1e-12)
    assert std == pytest.approx(values.std(0), rel=1e-12)


def test_statistics_of_a_subset():
    images, some = pixels(50), [3, 4, 40]
    assert mean_and_std(compute_statistics(images)[some], 63) == mean_and_std(compute_statistics(images[some]), 63)


def test_a_constant_channel_is_not_scaled():
    images = np.full((3, 2, 2, 1), 51, np.uint8)
    assert mean_and_std(compute_statistics(images), 4) == ((0.2,), (1.0,))


def test_hashes_distinguish_images():
    images = pixels(4)
    images[3] = images[1]
    hashes = hash_images(images)
    assert hashes.shape == (4, 16) and len({row.tobytes() for row in hashes}) == 3
    assert hashes[0].tobytes() == hashlib.blake2b(images[0].tobytes(), digest_size=16).digest()
    assert np.array_equal(hash_images(images[:, ::-1])[0], hash_images(np.ascontiguousarray(images[:, ::-1]))[0])
