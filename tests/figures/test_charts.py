from __future__ import annotations

import json
import math
import re
from html import unescape

import pytest

from axone.figures.charts import Line, draw_chart, thin_points

RISING = [(1.0, 0.5), (2.0, 0.25), (3.0, 0.75)]


def test_thinning_keeps_ends_and_spikes():
    points = [(float(x), math.sin(x / 50)) for x in range(5000)]
    points[1234] = (1234.0, 99.0)
    thinned = thin_points(points, 400)
    assert len(thinned) <= 400 and thinned[0] == points[0] and thinned[-1] == points[-1]
    assert (1234.0, 99.0) in thinned and thinned == sorted(thinned)
    assert thin_points(points[:400], 400) == points[:400]


def test_a_logarithmic_scale_is_offered_for_positive_values_only():
    chart = draw_chart("a", "loss", [Line("v", "validation", RISING)], x_label="epochs", logarithm=True, best=2)
    assert chart.count("data-scale") == 2 and 'type="checkbox"' in chart
    assert chart.count('<circle class="best"') == 2, "the best epoch is marked on both scales"
    negative = [Line("v", "validation", [(1.0, -0.5), (2.0, 0.5)])]
    chart = draw_chart("a", "loss", negative, x_label="", logarithm=True)
    assert chart.count("data-scale") == 1 and "checkbox" not in chart


def test_larger_values_are_drawn_higher():
    chart = draw_chart("a", "loss", [Line("v", "validation", RISING)], x_label="epochs")
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)" r="2.6"', chart)]
    assert heights[1] > heights[0] > heights[2], "y grows downwards in SVG"


def test_the_numbers_are_in_the_page_for_the_script():
    lines = [Line("training", "train", RISING), Line("validation", "validation", RISING)]
    chart = draw_chart("a", "accuracy", lines, x_label="epochs", metric="accuracy")
    data = json.loads(unescape(re.search('data-chart="([^"]*)"', chart)[1]))
    assert data["percentage"] is True and data["x"] == "epochs"
    assert data["lines"][1] == {
        "label": "validation",
        "style": "validation",
        "points": [[1, 0.5], [2, 0.25], [3, 0.75]],
    }
    assert "<b>75.00\u202f%</b>" in chart, "the legend holds the last value"


def test_percentages_are_shown_only_for_values_from_0_to_1():
    share = draw_chart("a", "b", [Line("v", "train", [(1.0, 0.85), (2.0, 0.95)])], x_label="", metric="accuracy")
    assert "90\u202f%" in share
    large = draw_chart("a", "b", [Line("v", "train", [(1.0, 0.85), (2.0, 95)])], x_label="", metric="accuracy")
    assert "%" not in re.sub("<[^>]*>", "", large)


@pytest.mark.parametrize("value", [0.0, 1.0, -7.0, 1e99, 1e-99])
def test_one_point_of_any_size_can_be_drawn(value):
    line = Line("v", "train", [(1.0, value)])
    assert "nan" not in draw_chart("a", "b", [line], x_label="", logarithm=True, metric="accuracy")


def test_a_chart_without_points_is_empty():
    assert draw_chart("a", "loss", [Line("v", "validation", [])], x_label="") == ""


def test_labels_are_escaped():
    chart = draw_chart("a", "<b>", [Line('"><script>', "train", RISING)] * 2, x_label="<i>")
    assert "<script>" not in chart and "<i>" not in chart


@pytest.mark.parametrize(("value", "impossible"), [(0.0, "-"), (1.0, "105")])
def test_a_constant_percentage_has_an_axis_of_possible_values(value, impossible):
    drawing = draw_chart("a", "solved", [Line("", "validation", [(1, value), (2, value)])], x_label="", metric="solved")
    ticks = re.findall(r">([^<>]*)\u202f%</text>", drawing)
    assert len(ticks) > 1 and not any(impossible in tick for tick in ticks)
