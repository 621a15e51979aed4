"""Embeddings: vectors looked up by index, against torch's own."""

import pytest
import torch
from torch import nn

from axone.graph import Embedding, Flatten, GraphError, Input, Linear, Model
from tests.helpers.networks.graph import build_model


def test_each_index_is_mapped_to_its_vector() -> None:
    model = build_model((5,), Embedding(20, 3, padding_idx=0, name="table"), "int64")
    assert model.output_shapes == ((5, 3),) and model.parameter_count == 20 * 3 and model.flops == 0
    indices = torch.randint(20, (4, 5))
    assert torch.equal(model(indices), model.table.weight[indices])
    assert torch.equal(model.table.weight[0], torch.zeros(3))
    plain = nn.Embedding(20, 3, padding_idx=0)
    plain.load_state_dict(model.table.state_dict())
    assert torch.equal(model(indices), plain(indices))


def test_the_table_projects_vectors_to_symbols() -> None:
    words, table = Input(5, dtype="int64"), Embedding(20, 3, name="table")
    logits = table.project(table(words))
    model = Model(words, logits)
    assert logits.shape == (5, 20) and model.parameter_count == 20 * 3 and model.flops == 2 * 5 * 3 * 20
    indices = torch.randint(20, (4, 5))
    weight = model.table.weight
    torch.testing.assert_close(model(indices), weight[indices] @ weight.T)
    assert [node.name for node in model.nodes] == ["input_1", "table", "table:2"]
    assert Model.from_json(model.to_json()).to_json() == model.to_json()
    assert "F.linear(x, self.table.weight)" in model.to_source()


def test_indices_may_have_any_shape() -> None:
    assert Embedding(256, 4)(Input(3, 8, 8, dtype="int64")).shape == (3, 8, 8, 4)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Embedding(20, 3)(Input(5)), r'needs indices, got float32.\nWrite Input\(..., dtype="int64"\)'),
        (lambda: Embedding(20, 3)(Input(5, dtype="bool")), "needs indices, got bool"),
        (lambda: Embedding(20, 3).project(Input(5, dtype="int64")), "projects vectors, got indices"),
        (lambda: Embedding(20, 3).project(Input(5, 4)), "needs indices, got float32"),
        (lambda: Embedding(20, 3, padding_idx=20)(Input(5, dtype="int64")), "20 is out of range.\nexpected .* 0 to 19"),
        (lambda: Embedding(20, 3, padding_idx=-1), "at least 0"),
        (lambda: Linear(3)(Input(5, dtype="int64")), r"put Embedding\(...\) before it"),
    ],
)
def test_wrong_arguments_and_dtypes_are_refused(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()


def test_layers_without_weights_accept_indices() -> None:
    assert Flatten()(Input(2, 5, dtype="int64")).shape == (10,)
