import numpy as np

from axone.runs.report.svg import parse_svg
from axone.tasks.motion.drawings.paths import DrawnPath, draw_paths


def path(scale=(1.0, 1.0), true=True, title=""):
    steps = np.arange(12)[:, None] * np.array([scale])
    return DrawnPath(steps[:8], steps[8:] if true else None, steps[8:], steps[8:], title)


def test_every_path_has_a_panel_and_there_is_one_legend():
    svg = draw_paths([path(), path(title="car <1>"), path(true=False), path((100.0, 0.1)), path((0.0, 0.0))])
    assert parse_svg(svg.encode()) is not None
    assert svg.count("observed") == 1 and "car &lt;1&gt;" in svg and "NaN" not in svg and "nan" not in svg


def test_points_stay_inside_their_panel():
    import re

    svg = draw_paths([path((100.0, 0.1))])
    numbers = [float(x) for part in re.findall(r'd="M([^"]*)"', svg) for x in re.findall(r"-?[\d.]+", part)]
    assert min(numbers) >= 0 and max(numbers) <= 420
