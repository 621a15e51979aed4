"""Metrics of solids, for shapes whose values are obvious."""

import numpy as np
import pytest
import torch

from axone.tasks.shapes.metrics import (
    check_validity,
    compute_overlaps,
    coverage,
    find_supported,
    find_supported_classes,
    flatten_solids,
    has_four_supports,
    matching_distance,
)


def table(legs=4, side=12):
    solid = np.zeros((side, side, side), dtype=bool)
    solid[6:8, 1:-1, 1:-1] = True
    for y, x in [(1, 1), (1, -2), (-2, 1), (-2, -2)][:legs]:
        solid[:6, y, x] = True
    return solid


def test_a_table_has_four_supports_with_four_legs_but_not_with_three():
    assert has_four_supports(table()) and not has_four_supports(table(legs=3))
    sawn = table()
    sawn[2, 1, 1] = False  # a leg with a gap in it
    assert not has_four_supports(sawn)
    panels = table(legs=0)
    panels[:6, 1:-1, [1, -2]] = True
    assert has_four_supports(panels)


def test_a_box_on_the_floor_has_four_supports_and_an_empty_solid_has_none():
    box = np.zeros((5, 5, 5), dtype=bool)
    assert not has_four_supports(box)
    box[0, 1:4, 1:4] = True
    assert has_four_supports(box)


def test_only_classes_with_supports_need_them():
    solids = np.stack([table(), table(), table(legs=3), table(legs=3)])
    labels = np.array([0, 0, 1, 1])
    supported = find_supported_classes(solids, labels, 3)
    assert supported == [True, False, False]
    assert find_supported(solids).tolist() == [True, True, False, False]
    validity = check_validity(solids[[2, 2]], np.array([0, 1]), supported)
    assert validity.connected.all()
    assert validity.supported.tolist() == [False, True] and validity.valid.tolist() == [False, True]


def test_overlaps_are_intersection_over_union(monkeypatch):
    from axone.tasks.shapes import metrics

    monkeypatch.setattr(metrics, "CHUNK", 3)
    random = np.random.default_rng(0)
    one, other = (random.random((count, 4, 4, 4)) < 0.5 for count in (7, 5))
    one[0] = False
    overlaps = compute_overlaps(flatten_solids(one), flatten_solids(other))
    expected = [[(a & b).sum() / max(1, (a | b).sum()) for b in other] for a in one]
    assert overlaps.numpy() == pytest.approx(np.array(expected))


def test_matching_distance_and_coverage():
    overlap = torch.tensor([[1.0, 0.2, 0.0], [0.5, 0.4, 0.1]])
    assert matching_distance(overlap).item() == pytest.approx(1 - (1 + 0.4 + 0.1) / 3)
    assert coverage(overlap).item() == pytest.approx(1 / 3)
