"""Members of an ensemble in one network: each has its own input factors and its own output layer."""

import torch

from axone.tasks.tables.ensemble import MemberHeads, MemberScaling


def test_factors_start_as_signs_that_differ_between_members():
    scaling = MemberScaling(8, 20)
    assert set(scaling.scale.flatten().tolist()) == {1.0, -1.0}
    assert len({tuple(row) for row in scaling.scale.tolist()}) == 8
    features = torch.randn(3, 20)
    assert torch.equal(scaling(features)[:, 5], features * scaling.scale[5])


def test_each_head_is_a_linear_layer_of_its_own():
    heads, hidden = MemberHeads(4, 6, 2), torch.randn(5, 4, 6)
    outputs = heads(hidden)
    assert outputs.shape == (5, 4, 2)
    for member in range(4):
        expected = hidden[:, member] @ heads.weight[member] + heads.bias[member, 0]
        torch.testing.assert_close(outputs[:, member], expected)
