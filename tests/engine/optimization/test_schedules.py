"""Learning-rate schedules."""

import pytest

from axone.engine.optimization.schedules import SCHEDULES, constant, cosine, factor, one_cycle


def test_schedules_at_hand_computed_points():
    assert constant(0.9) == 1.0
    assert [cosine(p) for p in (0.0, 0.5, 1.0)] == pytest.approx([1, 0.5, 0])
    assert [one_cycle(p) for p in (0.0, 0.15, 0.3, 0.65, 1.0)] == pytest.approx([0.04, 0.52, 1, 0.5, 0])
    assert factor("cosine", 10, 10) == pytest.approx(0)
    assert all(0 <= schedule(step / 100) <= 1 for schedule in SCHEDULES.values() for step in range(101))
