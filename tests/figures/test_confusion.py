from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from axone.figures.confusion import draw_confusion
from axone.runs.report.svg import parse_svg


def read_colors(drawing: str) -> np.ndarray:
    """Return the pixels of the matrix."""
    data = re.search(r"data:image/png;base64,([^\"]+)", drawing)
    assert data
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data[1]))).convert("L"), dtype=int)


def test_rows_are_the_true_classes():
    counts = np.array([[0, 9], [0, 9]])  # everything is predicted to be the second class: the right half is dark
    drawing = draw_confusion(counts, ["a", "b"])
    colors = read_colors(drawing)
    half = len(colors) // 2
    assert colors[:, half:].max() < 80 < 200 < colors[:, :half].min()
    assert re.findall(r">(\d+)</text>", drawing) == ["9", "9"]
    assert re.findall(r">([ab])</text>", drawing) == ["a", "a", "b", "b"]
    other = read_colors(draw_confusion(counts.T, ["a", "b"]))
    assert other[half:].max() < 130 < 200 < other[:half].min()


def test_few_mistakes_are_visible():
    colors = read_colors(draw_confusion(np.array([[99, 1], [0, 100]]), ["a", "b"]))
    assert colors[0, -1] < colors[-1, 0] - 10


@pytest.mark.parametrize("count", [13, 31, 120, 1000])
def test_many_classes_still_fit_one_drawing(count):
    drawing = draw_confusion(np.eye(count, dtype=np.int64), [f"class {number}" for number in range(count)])
    width, height = map(float, re.findall(r'(?:width|height)="([\d.]+)"', drawing)[:2])
    assert max(width, height) < 3500
    assert drawing.count("<text") < 1000
    assert parse_svg(drawing.encode()) is not None


@pytest.mark.parametrize("name", ["", "x" * 1000, "a\0b\x1b[31m", "\u202eevil", "日本 é Ж →", "$x_{1}$ \\frac", "<b>&"])
def test_any_class_name_can_be_drawn(name):
    assert parse_svg(draw_confusion(np.eye(2, dtype=np.int64), [name, "b"]).encode()) is not None
