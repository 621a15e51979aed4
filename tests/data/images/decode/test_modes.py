import numpy as np
import pytest
from PIL import Image

from axone.data.images.decode.modes import is_gray, to_gray_or_rgb
from axone.data.images.scale.scale import Scale
from axone.data.images.scale.units import Scaling


@pytest.mark.parametrize(("mode", "gray"), [("1", True), ("LA", True), ("I;16", True), ("F", True), ("P", False)])
def test_gray_is_known_from_the_mode(mode, gray):
    assert is_gray(Image.new(mode, (2, 2))) is gray


def test_values_of_more_than_8_bits_become_bytes_by_the_scale_of_a_run():
    image = Image.fromarray(np.array([[283.0, 295.0, 307.0, 320.0]], np.float32))
    converted, scaling = to_gray_or_rgb(image, Scale(283.0, 307.0))
    assert np.asarray(converted).tolist() == [[0, 128, 255, 255]] and scaling.outside == 0.25


def test_an_image_of_8_bits_is_scaled_where_the_run_has_counts():
    image = Image.fromarray(np.array([[0, 8, 16]], np.uint8))
    assert np.asarray(to_gray_or_rgb(image, Scale(0, 16, "integer"))[0]).tolist() == [[0, 128, 255]]
    converted, scaling = to_gray_or_rgb(image)
    assert converted is image and scaling == Scaling()
