"""What is counted of each picture once, so that the mean and deviation of any choice of pictures cost nothing.

The sums are whole numbers, hence exact: the statistics of a hundred million pixels do not depend on the order
or the size of the pieces in which they were counted. Nothing here needs torch (see `decoding.py`).
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from jaxtyping import Int64, UInt8

PIXEL_HASH_BYTES = 16
_PIECE = 100_000  # values counted at a time, as numbers of eight bytes: what stays in a processor's cache


def compute_statistics(
    pixels: UInt8[np.ndarray, "samples height width channels"],
) -> Int64[np.ndarray, "samples channels 2"]:
    """Return the sum of the values (0 to 255) of each picture and channel, and the sum of their squares."""
    samples, height, width, channels = pixels.shape
    planes = pixels.reshape(samples, height * width, channels).transpose(0, 2, 1)
    counted = np.empty((samples, channels, 2), np.int64)
    step = max(1, _PIECE // max(1, height * width * channels))
    for start in range(0, samples, step):
        # Sums of squares of a picture stay far below 2**53, so floats of 64 bits count them exactly.
        values = planes[start : start + step].astype(np.float64, order="C")
        counted[start : start + step, :, 0] = values.sum(2)
        counted[start : start + step, :, 1] = np.einsum("scp,scp->sc", values, values)
    return counted


def mean_and_std(
    counted: Int64[np.ndarray, "samples channels 2"], values: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and standard deviation of each channel over some pictures, for pixels counted from 0 to 1.

    `values` is the number of values of a picture in one channel, height times width. A channel of one single
    value gets a standard deviation of 1: there is nothing to scale.
    """
    total = max(len(counted) * values, 1)
    means, deviations = [], []
    for first, second in counted.sum(0).tolist():
        means.append(first / (255 * total))
        spread = second * total - first * first  # whole numbers of any length: no rounding before the division
        deviations.append(math.sqrt(spread) / (255 * total) if spread else 1.0)
    return tuple(means), tuple(deviations)


def hash_images(pixels: UInt8[np.ndarray, "samples height width channels"]) -> UInt8[np.ndarray, "samples 16"]:
    """Return a fingerprint of each picture (BLAKE2b): equal pixels, equal marks, and never otherwise."""
    found = b"".join(hash_image(picture) for picture in np.ascontiguousarray(pixels))
    return np.frombuffer(found, np.uint8).reshape(len(pixels), PIXEL_HASH_BYTES)


def hash_image(pixels: np.ndarray) -> bytes:
    """Return the fingerprint of one picture."""
    return hashlib.blake2b(pixels.data, digest_size=PIXEL_HASH_BYTES).digest()
