"""Members of an ensemble: each has its own view and its own head, and they share everything between."""

import torch

from axone.layers.ensemble import Heads, Views


def test_views_begin_as_signs_and_differ():
    views = Views(8, 20)
    assert set(views.scale.flatten().tolist()) == {1.0, -1.0}
    assert len({tuple(row) for row in views.scale.tolist()}) == 8
    features = torch.randn(3, 20)
    assert torch.equal(views(features)[:, 5], features * views.scale[5])


def test_heads_are_linear_layers_side_by_side():
    heads, hidden = Heads(4, 6, 2), torch.randn(5, 4, 6)
    found = heads(hidden)
    assert found.shape == (5, 4, 2)
    for member in range(4):
        torch.testing.assert_close(found[:, member], hidden[:, member] @ heads.weight[member] + heads.bias[member, 0])
