"""Sine and cosine against the mathematics library, near and far from zero."""

import math

import pytest
import torch

from axone.play.trigonometry import SMALL_ANGLE, sin_cos, sin_cos_mostly_small, wrap_angles


def largest_error(values, expected):
    """Return the largest difference in units in the last place of the expected values."""
    return max(abs(value - right) / math.ulp(right) for value, right in zip(values.tolist(), expected))


def test_small_angles_are_right_to_two_units_in_the_last_place():
    angles = torch.linspace(-1.5, 1.5, 20001, dtype=torch.float64)
    sine, cosine = sin_cos(angles)
    assert largest_error(sine, [math.sin(angle) for angle in angles.tolist()]) <= 2
    assert largest_error(cosine, [math.cos(angle) for angle in angles.tolist()]) <= 2


@pytest.mark.parametrize("limit", [10.0, 1e3, 1e6])
def test_large_angles_are_right_in_absolute_terms(limit):
    angles = (torch.rand(20000, dtype=torch.float64) * 2 - 1) * limit
    sine, cosine = sin_cos(angles)
    error = max(
        max(abs(value - math.sin(angle)), abs(other - math.cos(angle)))
        for angle, value, other in zip(angles.tolist(), sine.tolist(), cosine.tolist())
    )
    assert error < 4e-16


def test_zero_and_quarter_turns():
    sine, cosine = sin_cos(torch.tensor([0.0, math.pi / 2, math.pi], dtype=torch.float64))
    assert sine.tolist() == pytest.approx([0, 1, math.sin(math.pi)], abs=1e-16)
    assert cosine.tolist() == pytest.approx([1, math.cos(math.pi / 2), -1], abs=1e-16)
    assert sine[0] == 0 and cosine[0] == 1


def test_what_is_no_number_stays_so():
    sine, cosine = sin_cos(torch.tensor([math.nan, math.inf], dtype=torch.float64))
    assert sine.isnan().all() and cosine.isnan().all()


def test_angles_are_wrapped():
    angles = torch.tensor([3.0, 3.5, -3.5, 100.0], dtype=torch.float64)
    expected = [3.0, 3.5 - 2 * math.pi, 2 * math.pi - 3.5, 100.0 - 32 * math.pi]
    assert wrap_angles(angles).tolist() == pytest.approx(expected)


def test_small_angles_by_fewer_operations_are_as_exact_and_large_ones_the_same():
    angles = torch.linspace(-SMALL_ANGLE, SMALL_ANGLE, 20001, dtype=torch.float64)
    sine, cosine = sin_cos_mostly_small(angles)
    assert largest_error(sine, [math.sin(angle) for angle in angles.tolist()]) <= 1
    assert largest_error(cosine, [math.cos(angle) for angle in angles.tolist()]) <= 1
    mixed = torch.cat([angles[::100], torch.tensor([0.6, -3.0, 40.0], dtype=torch.float64)])
    sine, cosine = sin_cos_mostly_small(mixed)
    for values, small, large in zip((sine, cosine), sin_cos_mostly_small(mixed[:-3]), sin_cos(mixed[-3:])):
        assert torch.equal(values, torch.cat([small, large]))
