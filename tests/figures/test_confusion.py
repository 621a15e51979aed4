from __future__ import annotations

import numpy as np
import pytest

from axone.figures.confusion import draw_confusion


def test_rows_are_the_true_classes():
    counts = np.array([[0, 9], [0, 9]])  # everything is predicted to be the second class: the right half is dark
    image = np.asarray(draw_confusion(counts, ["a", "b"]).convert("L"), dtype=int)
    grid = image[: int(image.shape[0] * 0.75), int(image.shape[1] * 0.2) : int(image.shape[1] * 0.75)]
    half = grid.shape[1] // 2
    upper, lower = grid[: len(grid) // 2], grid[len(grid) // 2 :]
    assert upper[:, half:].mean() < 120 < upper[:, :half].mean()
    assert lower[:, half:].mean() < 160
    other = np.asarray(draw_confusion(counts.T, ["a", "b"]).convert("L"), dtype=int)
    assert not np.array_equal(image, other)


def test_many_classes_still_fit_one_image():
    assert max(draw_confusion(np.eye(120, dtype=np.int64), [f"class {number}" for number in range(120)]).size) < 2500


@pytest.mark.parametrize("name", ["", "x" * 1000, "a\0b\x1b[31m", "\u202eevil", "日本 é Ж →", "$x_{1}$ \\frac"])
def test_any_class_name_can_be_drawn(name):
    assert draw_confusion(np.eye(2, dtype=np.int64), [name, "b"]).width
