import numpy as np

from axone.data.images.scale.sample import SAMPLE_VALUES, ValueSample


def test_the_range_is_exact_and_the_sample_is_small():
    values = np.arange(1_000_000, dtype=np.float32).reshape(10, 100, 1000)
    sample = ValueSample.for_images(10)
    for image in values:
        sample.add(image)
    assert (sample.low, sample.high, sample.count, sample.kind) == (0, 999_999, 1_000_000, "float")
    assert len(sample.sorted_values()) <= 10 * 4096
    columns = np.unique(sample.sorted_values() % 1000)
    assert len(columns) > 900, "a regular sample must not meet the same columns in every row"


def test_values_that_are_not_finite_are_counted_and_left_out():
    sample = ValueSample()
    sample.add(np.array([[np.nan, np.inf], [1.0, -2.0]]))
    assert (sample.low, sample.high, sample.not_finite, sample.sorted_values().tolist()) == (-2, 1, 2, [-2, 1])
    sample.add(np.full((2, 2), np.nan))
    assert sample.not_finite == 6


def test_samples_are_merged_and_the_widest_type_counts():
    first, second = ValueSample(), ValueSample()
    first.add(np.array([[3]], np.uint16))
    second.add(np.array([[-1]], np.int16))
    first.merge(second)
    assert (first.low, first.high, first.count, first.kind) == (-1, 3, 2, "integer")


def test_many_images_share_the_size_of_the_sample():
    assert ValueSample.for_images(SAMPLE_VALUES // 100).per_image == 100
    assert ValueSample.for_images(10**9).per_image == 16
