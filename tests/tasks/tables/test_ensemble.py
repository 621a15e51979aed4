"""Members of an ensemble in one network: each has its own input factors and its own output layer."""

import pytest
import torch
from torch import nn

from axone.tasks.tables.ensemble import PERIODIC_COLUMNS, Ensemble, MemberHeads, MemberScaling, zero_unseen
from tests.helpers.data.tables import CATEGORY, NUMBER


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


def make_ensemble(columns, outputs=3, **changes):
    options = {"members": 4, "units": (8,), "activation": "relu", "dropout": 0.1, "frequencies": 5, "embedding": 6}
    return Ensemble(columns, outputs, **{**options, **changes}).eval()


@pytest.mark.parametrize("columns", [[NUMBER], [CATEGORY], [NUMBER, CATEGORY]])
@pytest.mark.parametrize("units", [(), (8, 8)])
def test_each_row_has_an_output_of_each_member(columns, units):
    network = make_ensemble(columns, units=units)
    values = {"number": torch.randn(6, 1), "category": torch.tensor([[0], [1], [2], [3], [2], [3]])}
    inputs = [values[column["kind"]] for column in columns]
    outputs = network(*inputs)
    assert outputs.shape == (6, 4, 3)
    torch.testing.assert_close(network(*(part[2:4] for part in inputs)), outputs[2:4])


def test_wide_tables_have_no_periodic_features():
    many = [{**NUMBER, "name": str(n)} for n in range(PERIODIC_COLUMNS + 1)]
    assert isinstance(make_ensemble(many).features[0], nn.Identity)
    assert not isinstance(make_ensemble(many[:-1]).features[0], nn.Identity)
    assert isinstance(make_ensemble([NUMBER], frequencies=0).features[0], nn.Identity)


def test_embeddings_of_unseen_values_start_at_zero():
    embedding = nn.Embedding(8, 3)
    zero_unseen(embedding, [CATEGORY, NUMBER, {**CATEGORY, "name": "x"}])
    assert (embedding.weight == 0).all(1).tolist() == [True, False, False, False] * 2
