"""The shape of cached images: what was set, else what the headers of a sample suggest."""

import pytest

from axone.data.images.cache.shape import as_pair, infer_shape
from axone.data.images.decode.file import Header


def headers(*sizes, channels=1):
    return [Header(width, height, channels, frames=False) for height, width in sizes]


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [
        ([(28, 20), (28, 20)], (28, 20, 1)),  # of one size: kept
        ([(10, 30), (20, 40), (90, 60)], (20, 20, 1)),  # the median of the shorter sides
        ([(500, 400)], (224, 224, 1)),
        ([(4, 4), (4, 5)], (8, 8, 1)),
        ([], (8, 8, 1)),
    ],
)
def test_images_of_one_size_are_kept_and_others_become_squares(sizes, shape):
    assert infer_shape(headers(*sizes), None, None) == shape


def test_what_is_set_is_not_inferred():
    sample = headers((10, 30), channels=3)
    assert infer_shape(sample, 16, None) == (16, 16, 3)
    assert infer_shape(sample, (12, 16), 1) == (12, 16, 1)
    assert as_pair(5) == (5, 5) and as_pair((2, 3)) == (2, 3)
