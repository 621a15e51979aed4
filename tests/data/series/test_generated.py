"""Generated series are always the same, and contain what they are said to."""

import torch

from axone.data.series.generated import LONGEST, SHORTEST, make_seasons, make_shapes


def test_shapes_have_a_plateau_or_a_ramp_in_their_middle():
    series = make_shapes(300)
    assert series.fingerprint() == make_shapes(300).fingerprint() != make_shapes(303).fingerprint()
    assert int(series.lengths.min()) >= SHORTEST and int(series.lengths.max()) <= LONGEST
    slopes = []
    for label in range(3):  # the mean over the high steps of second half less first half
        of_class = []
        for number in range(label, 300, 3):
            values = series[number][:, 0]
            high = (values > 2.5).nonzero()[:, 0]
            half = len(high) // 2
            of_class.append(values[high[half:]].mean() - values[high[:half]].mean())
        slopes.append(float(torch.stack(of_class).mean()))
    assert abs(slopes[0]) < 0.5 < slopes[1] and slopes[2] < -0.5


def test_seasons_repeat_after_a_day():
    series = make_seasons(2, 600)
    values = series[0][:, 0].diff()
    day, half = (float(torch.corrcoef(torch.stack([values[:-lag], values[lag:]]))[0, 1]) for lag in (24, 12))
    assert day > 0.3 > half
