import numpy as np

from axone.runs.report.svg import parse_svg
from axone.tasks.motion.drawings.deviations import choose_deviations, draw_deviations


def test_usual_and_large_deviations_of_each_axis_are_drawn():
    straight = np.zeros((11, 4, 2))
    true = np.zeros((11, 4, 2))
    true[:, -1, 0] = np.arange(11) * 10.0
    true[:, -1, 1] = -np.arange(11)[::-1]
    chosen = choose_deviations(true, 0.5 * true, straight, ("x", "y"))
    assert [one.true[-1] for one in chosen] == [50.0, 90.0, 100.0, -5.0, -9.0, -10.0]
    assert [one.title for one in chosen] == ["x"] * 3 + ["y"] * 3 and chosen[2].predicted[-1] == 50.0
    svg = draw_deviations(chosen)
    assert parse_svg(svg.encode()) is not None and svg.count("steps ahead") == 6 and "nan" not in svg


def test_one_window_on_the_straight_line():
    zeros = np.zeros((1, 3, 2))
    chosen = choose_deviations(zeros, zeros, zeros, ("x", "y"))
    assert len(chosen) == 2 and "nan" not in draw_deviations(chosen)
