from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from axone.figures.canvas import Axes, Canvas

SVG = "{http://www.w3.org/2000/svg}"


def parse(canvas):
    return ElementTree.fromstring(canvas.svg())


def test_a_drawing_is_well_formed_svg_with_any_texts():
    canvas = Canvas(200, 100)
    canvas.text((10, 20), '<b>&"é', bold=True)
    canvas.label((50, 50), "</svg>")
    canvas.line([(0, 0), (10, 10)], dash="3 4")
    canvas.polygon([(0, 0), (10, 0), (0, 10)], "#123456")
    canvas.polygon([(0, 0), (10, 0)], "#654321")
    canvas.circle((5, 5), 3, opacity=0.5)
    canvas.box((1, 2), 3, 4)
    canvas.image((0, 0), 20, 20, np.zeros((2, 2, 3), np.uint8))
    svg = parse(canvas)
    assert (svg.get("width"), svg.get("viewBox")) == ("200", "0 0 200 100")
    assert [text.text for text in svg.iter(SVG + "text")] == ['<b>&"é', "</svg>"]
    assert "#123456" in canvas.svg() and "#654321" not in canvas.svg(), "two points bound no area"
    assert 'href="data:image/png;base64,' in canvas.svg()


def test_axes_convert_values_to_points_with_y_upwards():
    axes = Axes(Canvas(200, 100), (20, 10, 100, 50), x=(0, 10), y=(-1, 1))
    assert axes.point(0, -1) == (20, 60) and axes.point(10, 1) == (120, 10) and axes.point(5, 0) == (70, 35)


@pytest.mark.parametrize("grid", [False, True])
def test_axes_draw_ticks_and_labels(grid):
    canvas = Canvas(200, 100)
    axes = Axes(canvas, (20, 10, 100, 50), x=(0, 10), y=(0, 1))
    axes.draw("age", "weight", grid=grid, about=2)
    axes.line([(0, 0), (10, 1)])
    texts = [text.text for text in parse(canvas).iter(SVG + "text")]
    assert texts == ["0", "5", "10", "0", "0.5", "1", "age", "weight"]
    assert len(list(parse(canvas).iter(SVG + "path"))) == 6 * (2 if grid else 1) + 1
