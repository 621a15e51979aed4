"""Heat maps, feature maps and neighbors as figures."""

import numpy as np
import pytest

from axone.tasks.explanation.figures import (
    arrange_units,
    draw_explanation,
    draw_feature_maps,
    draw_neighbors,
    normalize_heat_map,
    overlay_heat_map,
    resize_heat_map,
)
from axone.tasks.explanation.neighbors import Neighbor


def test_positive_values_are_red_and_negative_ones_blue():
    gray = np.full((4, 4, 1), 128, np.uint8)
    heat = np.zeros((4, 4))
    heat[0, 0], heat[3, 3] = 1, -1
    blended = overlay_heat_map(gray, heat).astype(int)
    assert blended[0, 0, 0] > blended[0, 0, 2] and blended[3, 3, 2] > blended[3, 3, 0]
    assert (blended[1:3, 1:3] == blended[1, 1, 0]).all()  # where the heat map is 0, gray
    assert overlay_heat_map(gray.repeat(3, axis=2), heat).shape == (4, 4, 3)


def test_heat_maps_are_scaled_by_their_largest_values_and_clipped():
    assert normalize_heat_map(np.array([2.0, -4.0, 0.0])).tolist() == pytest.approx([0.5, -1, 0], abs=0.02)
    assert not normalize_heat_map(np.zeros(3)).any()
    many = np.ones(1000)
    many[0] = 100
    assert normalize_heat_map(many)[1] == 1.0  # one outlier does not hide all others


def test_heat_maps_are_resized_to_the_image():
    resized = resize_heat_map(np.array([[0.0, 1.0], [0.0, 1.0]]), (4, 6))
    assert resized.shape == (4, 6) and (np.diff(resized, axis=1) >= 0).all() and resized[0, 0] == 0


def test_units_without_a_position_are_arranged_in_rows():
    arranged = arrange_units(np.arange(1.0, 11.0))
    assert arranged.shape == (1, 2, 5) and arranged.flatten().tolist() == list(range(1, 11))
    assert arrange_units(np.ones(4)).sum() == 4  # padded with zeros


def test_an_explanation_has_one_tile_per_heat_map():
    photo = np.full((300, 400, 3), 99, np.uint8)
    one = draw_explanation(photo, {"one": np.ones((300, 400))}, "cat")
    assert one.width >= 800 and draw_explanation(photo, {}, "cat").width < one.width


def test_feature_maps_and_neighbors_are_drawn_as_sheets():
    random = np.random.default_rng(0)
    assert draw_feature_maps(random.normal(size=(100, 3, 3))).height > 100
    pixels = random.integers(0, 256, (12, 12, 1), dtype=np.uint8)
    assert draw_neighbors([Neighbor(3, "cat", 0.98, pixels), Neighbor(4, "dog", 0.5, pixels)]).width > 2 * 12
