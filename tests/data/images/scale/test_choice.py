import numpy as np
import pytest

from axone.data.images.scale.choice import choose_scale, count_levels
from axone.data.images.scale.sample import ValueSample
from axone.data.images.scale.scale import Scale

RANDOM = np.random.default_rng(0)
THERMAL = RANDOM.normal(51_700, 20, (40, 32, 32))


def scale_of(*images, has_bytes=False):
    sample = ValueSample()
    for image in images:
        sample.add(image)
    return choose_scale(sample, has_bytes), sample


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (RANDOM.random((9, 8, 8)), Scale(0, 1, "float")),
        (RANDOM.random((9, 8, 8)) * 255, Scale(0, 255, "float")),
        (RANDOM.integers(0, 256, (9, 8, 8)), Scale(0, 255, "integer")),
        (RANDOM.integers(0, 65_536, (9, 8, 8)).astype(np.uint16), Scale(0, 65_535, "uint16")),
    ],
    ids=["unit", "floats of bytes", "integers of bytes", "16 bits"],
)
def test_a_conventional_range_that_is_filled_is_used(values, expected):
    assert scale_of(values)[0] == expected


@pytest.mark.parametrize(
    "values",
    [
        np.arange(17.0).repeat(4).reshape(1, 4, 17),  # the digits of scikit-learn
        np.arange(4096, dtype=np.uint16).reshape(1, 64, 64),  # 12 bits
        np.rint(THERMAL).astype(np.uint16),
        THERMAL.astype(np.float32) / 100,
        RANDOM.normal(0, 1, (9, 8, 8)),
        RANDOM.integers(-500, 300, (9, 8, 8)).astype(np.int16),
        0.48 + 0.04 * RANDOM.random((9, 8, 8)),
        0.2 + 0.85 * RANDOM.random((9, 8, 8)),
    ],
    ids=["0 to 16", "12 bits", "thermal", "kelvin", "normal", "signed", "narrow floats", "above 1"],
)
def test_otherwise_the_range_of_the_whole_data_set_is_used(values):
    scale, sample = scale_of(values)
    assert (scale.low, scale.high) == (values.min(), values.max())
    assert scale.share_outside(values) == 0
    assert count_levels(scale, sample) >= min(100, len(np.unique(values)))


@pytest.mark.parametrize("fill", ["dead and hot pixels", "-9999", "zeros", "scattered"])
def test_values_far_from_all_others_are_clipped_and_do_not_take_their_levels(fill):
    values = THERMAL.copy()
    if fill == "dead and hot pixels":
        values[:, 3, 4], values[:, 5, 5] = 0, 65_535
    elif fill == "scattered":
        values[:, 3, 3] = RANDOM.uniform(0, 65_535, 40)
    else:
        values[:, :8] = float(fill) if fill != "zeros" else 0
    scale, sample = scale_of(values)
    ordinary = THERMAL[:, 9:]
    assert count_levels(scale, sample) > 64
    assert scale.share_outside(ordinary) < 0.001
    assert scale.to_bytes(values.min(keepdims=True)).max() == 0
    if fill in ("-9999", "zeros"):
        assert scale.to_bytes(ordinary).min() > 0, "a missing value differs from the lowest real one"


def test_masks_and_drawings_keep_both_ends():
    for low, high in ((0, 65_535), (0, 1000), (-1, 1)):
        values = RANDOM.choice([low, high], (5, 8, 8), p=[0.99, 0.01])
        scale = scale_of(values)[0]
        assert set(scale.to_bytes(values).flat) == {0, 255}


def test_white_stays_white_where_there_are_images_of_8_bits_too():
    assert scale_of(np.full((2, 2), 90 * 257, np.uint16), has_bytes=True)[0] == Scale(0, 65_535, "uint16", True)
    assert scale_of(np.full((2, 2), 0.2), has_bytes=True)[0] == Scale(0, 1, "float", True)
    assert scale_of(np.rint(RANDOM.normal(9000, 2500, (9, 8, 8))).astype(np.uint16), has_bytes=True)[0].high == 65_535
    narrow, _sample = scale_of(np.rint(THERMAL).astype(np.uint16), has_bytes=True)
    assert narrow.low > 51_000 and narrow.has_bytes, "a narrow range would be a single level"


def test_constant_and_missing_values_have_a_scale_too():
    for values in (np.full((2, 2), 7.5), np.full((2, 2), 300, np.uint16), np.full((2, 2), np.nan)):
        scale, sample = scale_of(values)
        assert scale.high > scale.low and count_levels(scale, sample) <= 1
