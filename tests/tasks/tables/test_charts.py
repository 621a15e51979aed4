"""Charts are well-formed SVG with every label, line and point that they should have."""

from xml.etree import ElementTree

import numpy as np
import pytest

from axone.tasks.tables.charts import SCATTER_POINTS, Panel, bars, boundary, curves, panels, scatter, shorten_label


def parse(drawing):
    root = ElementTree.fromstring(drawing)
    return root, [element.text for element in root.iter() if element.tag.endswith("text")]


def count(root, tag):
    return sum(element.tag.endswith(tag) for element in root.iter())


def test_several_lines_get_a_legend():
    x = np.linspace(0, 1, 5)
    single, _texts = parse(curves([("", x, x)], "x", "y", markers=True))
    assert count(single, "circle") == 5
    several, texts = parse(curves([("one", x, x), ("two", x, x**2)], "across", "up", diagonal=True))
    assert {"one", "two", "across", "up"} <= set(texts)
    assert float(several.get("height")) > float(single.get("height"))


def test_bars_keep_their_order_and_may_be_negative():
    _root, texts = parse(bars(["first", "second"], [0.5, -0.1], [0.05, 0.02], "decrease"))
    assert texts.index("first") < texts.index("second") and "0.5" in texts and "decrease" in texts


@pytest.mark.parametrize("horizontal", [False, True])
def test_a_scatter_plot_has_a_limited_number_of_points(horizontal):
    values = np.random.default_rng(0).standard_normal(3 * SCATTER_POINTS)
    root, _texts = parse(scatter(values, values, "true", "predicted", horizontal=horizontal))
    assert count(root, "circle") == SCATTER_POINTS


def test_constant_values_can_be_drawn():
    parse(scatter(np.ones(3), np.ones(3), "x", "y"))
    parse(panels([Panel("constant", [("", np.ones(2), np.ones(2))])], (0.5, 0.5), "y"))


def test_panels_share_one_legend_and_mark_categories():
    numeric = Panel("age", [("a", np.array([1.0, 2.0]), np.zeros(2)), ("b", np.array([1.0, 2.0]), np.ones(2))])
    categorical = Panel("town", [("a", np.arange(2.0), np.zeros(2)), ("b", np.arange(2.0), np.ones(2))], ["n", "s"])
    root, texts = parse(panels([numeric, categorical], (0.0, 1.0), "probability"))
    assert texts.count("a") == texts.count("b") == 1 and {"age", "town"} <= set(texts)
    assert count(root, "circle") == 4


def test_panels_name_categories_and_write_dates():
    names = ["gas", "electric", "a very long name of a category"]
    x = np.arange(3.0)
    category = Panel("heating", [("", x, x)], names)
    dates = Panel("day", [("", np.array([0.0, 18262.0]), np.zeros(2))], is_date=True)
    root, texts = parse(panels([category, dates, category], (0.0, 2.0), "mean"))
    assert {"gas", "electric", "a very long name…", "1970-01-01", "2020-01-01"} <= set(texts)
    height, width = float(root.get("height")), float(root.get("width"))
    places = [element for element in root.iter() if element.tag.endswith("text")]
    assert all(0 <= float(place.get("x")) <= width and 0 <= float(place.get("y")) <= height for place in places)
    parse(panels([Panel("day", [("", np.array([0.0, 1e12]), np.zeros(2))], is_date=True)], (0.0, 1.0), "mean"))


def test_long_labels_end_in_an_ellipsis():
    assert shorten_label("short", 8) == "short" and shorten_label("too long a label", 8) == "too lon…"


def test_a_boundary_has_a_color_for_each_class():
    probabilities = np.full((4, 4, 3), 1 / 3)
    points, labels = np.random.default_rng(0).random((9, 2)), np.arange(9) % 3
    root, texts = parse(boundary(probabilities, points, labels, ["a", "b", "c"], ["x", "y"], [(0.0, 1.0), (0.0, 1.0)]))
    assert {"a", "b", "c", "x", "y"} <= set(texts) and count(root, "circle") == 9 + 3
    assert len({element.get("fill") for element in root.iter() if element.tag.endswith("circle")}) == 3
