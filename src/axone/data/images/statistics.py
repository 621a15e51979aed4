"""A hash and the sums of each image, computed once, from which mean and standard deviation of any subset follow.

The sums are whole numbers and therefore exact: statistics of a hundred million pixels do not depend on the order in
which they were added. Nothing here needs torch (see `cache/decoding.py`).
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from jaxtyping import Int64, UInt8

PIXEL_HASH_BYTES = 16
_CHUNK = 100_000  # values summed together, as 8-byte numbers: about what a processor's cache holds


def compute_statistics(
    pixels: UInt8[np.ndarray, "samples height width channels"],
) -> Int64[np.ndarray, "samples channels 2"]:
    """Return the sum of the values (0 to 255) of each image and channel, and the sum of their squares."""
    samples, height, width, channels = pixels.shape
    planes = pixels.reshape(samples, height * width, channels).transpose(0, 2, 1)
    sums = np.empty((samples, channels, 2), np.int64)
    step = max(1, _CHUNK // max(1, height * width * channels))
    for start in range(0, samples, step):
        # The sums of squares of an image are far below 2**53, so they are exact in float64.
        values = planes[start : start + step].astype(np.float64, order="C")
        sums[start : start + step, :, 0] = values.sum(2)
        sums[start : start + step, :, 1] = np.einsum("scp,scp->sc", values, values)
    return sums


def mean_and_std(
    statistics: Int64[np.ndarray, "samples channels 2"], values: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and standard deviation of each channel over some images, for pixels from 0 to 1.

    Args:
        statistics: As `compute_statistics` returns them.
        values: The number of values of an image in one channel: height times width.

    Returns:
        The means and the standard deviations; 1 for the deviation of a constant channel, which needs no scaling.
    """
    total = max(len(statistics) * values, 1)
    means, deviations = [], []
    for first, second in statistics.sum(0).tolist():
        means.append(first / (255 * total))
        spread = second * total - first * first  # integers of any length: nothing is rounded before the division
        deviations.append(math.sqrt(spread) / (255 * total) if spread else 1.0)
    return tuple(means), tuple(deviations)


def hash_images(pixels: UInt8[np.ndarray, "samples height width channels"]) -> UInt8[np.ndarray, "samples 16"]:
    """Return a hash of each image (BLAKE2b), which is equal for equal pixels alone."""
    hashes = b"".join(hash_image(image) for image in np.ascontiguousarray(pixels))
    return np.frombuffer(hashes, np.uint8).reshape(len(pixels), PIXEL_HASH_BYTES)


def hash_image(pixels: np.ndarray) -> bytes:
    """Return the hash of one image."""
    return hashlib.blake2b(pixels.data, digest_size=PIXEL_HASH_BYTES).digest()
