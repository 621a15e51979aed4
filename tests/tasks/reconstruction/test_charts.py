"""Charts of a latent space: sizes, colors, positions."""

import numpy as np
import pytest

from axone.tasks.reconstruction.charts import MAX_POINTS, MAX_SHEET_WIDTH, histogram, image_grid, latent_map
from axone.tasks.tables.charts import COLORS


def test_a_map_has_a_point_for_each_example_and_a_color_for_each_class():
    points, labels = np.random.default_rng(0).standard_normal((40, 2)), np.arange(40) % 2
    drawing = latent_map(points, labels, ["cat", "d<g"], ("first", "second"))
    assert drawing.count("<circle") == 40 + 2 and "d&lt;g" in drawing
    assert drawing.count(COLORS[0]) == drawing.count(COLORS[1]) == 20 + 1
    without_classes = latent_map(points, labels, [], ("first", "second"))
    assert without_classes.count("<circle") == without_classes.count(COLORS[0]) == 40


def test_a_map_of_very_many_examples_has_some_of_them():
    points = np.zeros((2 * MAX_POINTS + 1, 2))
    assert latent_map(points, np.zeros(len(points), dtype=int), [], ("", "")).count("<circle") <= MAX_POINTS


def test_a_histogram_has_the_threshold_and_each_group():
    errors = np.abs(np.random.default_rng(0).standard_normal(500))
    drawing = histogram([("known", errors), ("excluded", errors + 1)], 1.5)
    assert "known (500)" in drawing and "excluded (500)" in drawing and ">1.5<" in drawing
    assert "stroke-dasharray" not in histogram([("all", errors)], 0.0)


def test_a_histogram_of_equal_errors_can_be_drawn():
    assert "all (3)" in histogram([("all", np.zeros(3))], 0.0)


@pytest.mark.parametrize("channels", [1, 3])
def test_images_of_a_grid_are_in_rows_and_columns(channels):
    images = np.arange(2 * 3, dtype=np.uint8).reshape(2, 3, 1, 1, 1) * np.full((4, 5, channels), 10, dtype=np.uint8)
    sheet = np.asarray(image_grid(images, gap=0))
    height, width = sheet.shape[0] // 2, sheet.shape[1] // 3
    assert width % 5 == 0 and height * 5 == width * 4
    for row in range(2):
        for column in range(3):
            image = sheet[row * height : (row + 1) * height, column * width : (column + 1) * width]
            assert (image == 10 * (3 * row + column)).all()


def test_a_grid_of_large_images_is_reduced():
    assert image_grid(np.zeros((1, 10, 30, 300, 3), dtype=np.uint8)).width == MAX_SHEET_WIDTH
