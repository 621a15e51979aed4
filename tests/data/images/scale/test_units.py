import numpy as np
import pytest

from axone.data.images.scale.scale import Scale
from axone.data.images.scale.units import Scaling, scale_like_training
from axone.errors import DataError

BYTES = np.arange(256, dtype=np.uint8).reshape(16, 16)
WORDS = BYTES.astype(np.uint16) * 257
FLOATS = BYTES / 255


@pytest.mark.parametrize(
    "scale",
    [None, Scale(0, 1), Scale(0, 255, "integer"), Scale(0, 65_535, "uint16"), Scale(283.0, 307.0, has_bytes=True)],
    ids=["bytes", "floats", "integers", "16 bits", "both"],
)
def test_bytes_are_used_as_they_are(scale):
    pixels, scaling = scale_like_training(BYTES, scale)
    assert np.array_equal(pixels, BYTES) and scaling == Scaling() and scaling.note(scale) == ""


@pytest.mark.parametrize("scale", [None, Scale(0, 1), Scale(0, 65_535, "uint16"), Scale(0.5, 1.25)])
def test_the_same_image_gives_the_same_bytes_in_three_types(scale):
    by_type = [scale_like_training(values, scale)[0] for values in (BYTES, WORDS, FLOATS)]
    assert all(np.array_equal(pixels, by_type[0]) for pixels in by_type)


@pytest.mark.parametrize("scale", [Scale(0, 16), Scale(0, 16, "integer")])
def test_counts_are_compared_as_they_are(scale):
    values = np.arange(17)
    expected = np.rint(values * 255 / 16)
    for kind in (np.uint8, np.int64, np.uint16, np.float32):
        pixels, scaling = scale_like_training(values.astype(kind), scale)
        assert np.array_equal(pixels, expected) and scaling.note(scale) == ""


def test_a_narrow_16_bit_range_has_bytes_too():
    scale = Scale(200 * 257, 210 * 257, "uint16")
    pixels, scaling = scale_like_training(np.array([200, 210], np.uint8), scale)
    assert pixels.tolist() == [0, 255] and scaling.outside == 0
    assert "its type differs" in scaling.note(scale)


def test_bytes_cannot_be_compared_with_temperatures_or_signed_values():
    with pytest.raises(DataError, match="8 bits"):
        scale_like_training(BYTES, Scale(-1.0, 1.0))
    with pytest.raises(DataError, match=r"283 \.\.\. 307"):
        scale_like_training(BYTES, Scale(283.0, 307.0))


@pytest.mark.parametrize(
    ("values", "top"),
    [
        (np.array([0.0, 0.5, 1.0]), 1),
        (np.array([0.1, 1.04]), 1),
        (np.array([0.0, 200.0]), 255),
        (np.array([0.0, 3000.0]), 65_535),
        (np.array([0, 200]), 255),
        (np.array([-3, 256]), 65_535),
        (np.array([3, 5], np.uint16), 65_535),
    ],
)
def test_a_run_of_8_bit_images_reads_the_conventional_range_of_the_type_and_says_it(values, top):
    pixels, scaling = scale_like_training(values, None)
    assert np.array_equal(pixels, np.rint(values.clip(0, top) * 255 / top))
    assert ("8 bits" in scaling.note(None)) is (top > 255)


def test_what_is_clipped_is_said():
    pixels, scaling = scale_like_training(np.array([280.0, 290.0, 310.0, np.nan]), Scale(283.0, 307.0))
    assert scaling.outside == 0.75 and pixels.tolist() == [0, 74, 255, 0]
    assert "75.00\u202f%" in scaling.note(scaling.scale) and "283 ... 307" in scaling.note(scaling.scale)
