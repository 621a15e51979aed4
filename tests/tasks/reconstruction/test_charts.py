"""Drawings of a latent space: sizes, colors, places."""

import numpy as np
import pytest

from axone.tasks.reconstruction.charts import MOST_POINTS, WIDEST, histogram, latent_map, tiles
from axone.tasks.tables.charts import COLORS


def test_a_map_has_a_point_for_each_example_and_a_color_for_each_class():
    points, labels = np.random.default_rng(0).standard_normal((40, 2)), np.arange(40) % 2
    drawn = latent_map(points, labels, ["cat", "d<g"], ("first", "second"))
    assert drawn.count("<circle") == 40 + 2 and "d&lt;g" in drawn
    assert drawn.count(COLORS[0]) == drawn.count(COLORS[1]) == 20 + 1
    plain = latent_map(points, labels, [], ("first", "second"))
    assert plain.count("<circle") == plain.count(COLORS[0]) == 40


def test_a_map_of_very_many_examples_shows_some():
    points = np.zeros((2 * MOST_POINTS + 1, 2))
    assert latent_map(points, np.zeros(len(points), dtype=int), [], ("", "")).count("<circle") <= MOST_POINTS


def test_the_histogram_shows_the_threshold_and_each_group():
    errors = np.abs(np.random.default_rng(0).standard_normal(500))
    drawn = histogram([("known", errors), ("strange", errors + 1)], 1.5)
    assert "known (500)" in drawn and "strange (500)" in drawn and ">1.5<" in drawn
    assert "stroke-dasharray" not in histogram([("all", errors)], 0.0)
    assert histogram([("all", np.zeros(3))], 0.0)


@pytest.mark.parametrize("channels", [1, 3])
def test_tiles_lie_close_together(channels):
    pictures = np.arange(2 * 3, dtype=np.uint8).reshape(2, 3, 1, 1, 1) * np.full((4, 5, channels), 10, dtype=np.uint8)
    sheet = np.asarray(tiles(pictures, gap=0))
    height, width = sheet.shape[0] // 2, sheet.shape[1] // 3
    assert width % 5 == 0 and height * 5 == width * 4
    for row in range(2):
        for column in range(3):
            assert (
                sheet[row * height : (row + 1) * height, column * width : (column + 1) * width]
                == 10 * (3 * row + column)
            ).all()


def test_large_pictures_are_made_smaller():
    assert tiles(np.zeros((1, 10, 30, 300, 3), dtype=np.uint8)).width == WIDEST
