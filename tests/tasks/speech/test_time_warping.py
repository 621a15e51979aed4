"""The nearest template against dynamic programming cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from axone.tasks.speech.time_warping import (
    LONGEST,
    MOST_CELLS,
    MOST_TEMPLATES,
    choose_some,
    count_affordable,
    find_nearest,
)


def measure_slowly(one: torch.Tensor, other: torch.Tensor) -> float:
    costs = torch.cdist(one[None], other[None])[0].numpy()
    rows, columns = costs.shape
    sums = np.full((rows + 1, columns + 1), np.inf)
    sums[0, 0] = 0
    for row in range(rows):
        for column in range(columns):
            cost = costs[row, column]
            sums[row + 1, column + 1] = min(
                sums[row, column] + cost, sums[row, column + 1] + cost, sums[row + 1, column] + cost
            )
    return float(sums[rows, columns] / (rows + columns))


def test_distances_are_those_of_dynamic_programming():
    generator = torch.Generator().manual_seed(0)
    queries, templates = (
        [torch.randn(length, 3, generator=generator) for length in lengths]
        for lengths in [(5, 9, 1, 7, 13), (4, 8, 1, 11)]
    )
    expected = np.array([[measure_slowly(one, other) for other in templates] for one in queries])
    nearest, distances = find_nearest(queries, templates)
    assert nearest.tolist() == expected.argmin(1).tolist()
    assert distances.numpy() == pytest.approx(expected.min(1), rel=1e-5)


def test_a_slower_copy_is_nearest():
    generator = torch.Generator().manual_seed(0)
    templates = [torch.randn(12, 4, generator=generator) for _number in range(6)]
    nearest, distances = find_nearest([templates[4].repeat_interleave(2, 0)], templates)
    assert nearest.tolist() == [4]
    assert float(distances[0]) == pytest.approx(0, abs=1e-3)


def test_long_recordings_are_shortened():
    nearest, _distances = find_nearest([torch.ones(10 * LONGEST, 2)], [torch.zeros(50, 2), torch.ones(50, 2)])
    assert nearest.tolist() == [1]


def test_the_number_of_templates_is_bounded():
    assert count_affordable([20] * 10, [20] * 1000) == MOST_TEMPLATES
    lengths = [LONGEST] * 300
    assert count_affordable(lengths, lengths) * 300 * LONGEST**2 <= MOST_CELLS
    assert count_affordable([5], [5]) == 1


def test_choices_are_in_order_and_repeatable():
    chosen = choose_some(100, 7, seed=1)
    assert chosen.tolist() == sorted(set(chosen.tolist())) == choose_some(100, 7, seed=1).tolist()
    assert choose_some(3, 7, seed=1).tolist() == [0, 1, 2]
