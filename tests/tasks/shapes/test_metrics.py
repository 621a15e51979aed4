"""Measures of solids, against shapes whose answer anyone can see."""

import numpy as np
import pytest
import torch

from axone.tasks.shapes.metrics import (
    coverage,
    flat,
    matching_distance,
    overlaps,
    standing_classes,
    stands,
    validity,
)


def table(legs=4, side=12):
    solid = np.zeros((side, side, side), dtype=bool)
    solid[6:8, 1:-1, 1:-1] = True
    for y, x in [(1, 1), (1, -2), (-2, 1), (-2, -2)][:legs]:
        solid[:6, y, x] = True
    return solid


def test_a_table_stands_on_four_legs_and_not_on_three():
    assert stands(table()) and not stands(table(legs=3))
    sawn = table()
    sawn[2, 1, 1] = False  # a leg with a gap in it
    assert not stands(sawn)
    panels = table(legs=0)
    panels[:6, 1:-1, [1, -2]] = True
    assert stands(panels)


def test_a_box_on_the_floor_stands_and_nothing_does_not():
    box = np.zeros((5, 5, 5), dtype=bool)
    assert not stands(box)
    box[0, 1:4, 1:4] = True
    assert stands(box)


def test_only_classes_that_stand_are_asked_to():
    solids = np.stack([table(), table(), table(legs=3), table(legs=3)])
    labels = np.array([0, 0, 1, 1])
    asked = standing_classes(solids, labels, 3)
    assert asked == [True, False, False]
    found = validity(solids[[2, 2]], np.array([0, 1]), asked)
    assert found.whole.all() and found.standing.tolist() == [False, True] and found.valid.tolist() == [False, True]


def test_overlaps_are_intersection_over_union(monkeypatch):
    from axone.tasks.shapes import metrics

    monkeypatch.setattr(metrics, "_AT_ONCE", 3)
    chance = np.random.default_rng(0)
    one, other = (chance.random((count, 4, 4, 4)) < 0.5 for count in (7, 5))
    one[0] = False
    found = overlaps(flat(one), flat(other))
    expected = [[(a & b).sum() / max(1, (a | b).sum()) for b in other] for a in one]
    assert found.numpy() == pytest.approx(np.array(expected))


def test_matching_distance_and_coverage():
    overlap = torch.tensor([[1.0, 0.2, 0.0], [0.5, 0.4, 0.1]])
    assert matching_distance(overlap).item() == pytest.approx(1 - (1 + 0.4 + 0.1) / 3)
    assert coverage(overlap).item() == pytest.approx(1 / 3)
