from __future__ import annotations

from axone.figures.ticks import choose_log_ticks, choose_ticks


def test_ticks_are_round_numbers():
    assert choose_ticks(0, 1) == [0, 0.2, 0.4, 0.6, 0.8, 1]
    assert choose_ticks(0, 8, 4) == [0, 2, 4, 6, 8]
    assert choose_ticks(0.862, 0.913) == [0.87, 0.88, 0.89, 0.9, 0.91]
    assert choose_ticks(-3e-15, 4e-15, 7) == [-3e-15, -2e-15, -1e-15, 0, 1e-15, 2e-15, 3e-15, 4e-15]


def test_ticks_of_a_logarithmic_axis_are_powers_of_ten_with_2_and_5_between_few_of_them():
    assert choose_log_ticks(0.09, 2.5) == [0.1, 0.2, 0.5, 1, 2]
    assert choose_log_ticks(1e-4, 1e3) == [10.0**power for power in range(-4, 4)]
