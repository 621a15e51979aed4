"""Drawings of series."""

import math
from xml.etree import ElementTree

from axone.tasks.series.charts import Curve, draw_curves


def test_curves_are_drawn_with_gaps_and_one_legend():
    values = [1.0, 2.0, math.nan, 3.0, 4.0]
    drawing = draw_curves([("one", [Curve("a", range(5), values)]), ("two <", [Curve("a", range(5), [1.0] * 5)])])
    root = ElementTree.fromstring(drawing)
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("a") == 1 and "two <" in texts and "nan" not in drawing
