"""The median filter that the report compares with, against scipy's."""

import numpy as np
import pytest
import torch
from scipy.ndimage import median_filter

from axone.data.random import make_generator
from axone.tasks.restoration.figures import median


@pytest.mark.parametrize("side", [3, 5])
def test_the_median_filter_is_that_of_scipy(side):
    pictures = torch.rand(3, 2, 17, 12, generator=make_generator("pictures"))
    expected = median_filter(pictures.numpy(), (1, 1, side, side), mode="mirror")
    assert np.array_equal(median(pictures, side).numpy(), expected)
