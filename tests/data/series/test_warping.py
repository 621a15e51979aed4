"""Dynamic time warping against the textbook's recursion."""

import torch

from axone.data.series.warping import warp_distances


def warp_slowly(left, right):
    table = torch.full((len(left) + 1, len(right) + 1), torch.inf)
    table[0, 0] = 0
    for i in range(len(left)):
        for j in range(len(right)):
            cost = (left[i] - right[j]).norm()
            table[i + 1, j + 1] = cost + min(table[i, j + 1], table[i + 1, j], table[i, j])
    return float(table[-1, -1])


def test_all_pairs_equal_the_recursion():
    torch.manual_seed(0)
    left = [torch.randn(steps, 2) for steps in (1, 5, 7)]
    right = [torch.randn(steps, 2) for steps in (4, 1, 9, 6)]
    distances = warp_distances(left, right)
    expected = torch.tensor([[warp_slowly(a, b) for b in right] for a in left])
    assert torch.allclose(distances, expected, atol=1e-5)


def test_a_slower_series_is_at_no_distance():
    series = torch.randn(6, 1)
    assert float(warp_distances([series.repeat_interleave(3, 0)], [series])[0, 0]) < 1e-5
