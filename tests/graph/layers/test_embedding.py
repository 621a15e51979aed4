import pytest
import torch
from torch import nn

from axone.graph import Embedding, Flatten, GraphError, Input, Linear, Model


def test_it_looks_up_rows() -> None:
    words = Input(5, dtype="int64")
    model = Model(words, Embedding(20, 3, padding_idx=0, name="table")(words))
    assert model.output_shapes == ((5, 3),) and model.parameters_count == 20 * 3 and model.flops == 0
    numbers = torch.randint(20, (4, 5))
    assert torch.equal(model(numbers), model.table.weight[numbers])
    assert torch.equal(model.table.weight[0], torch.zeros(3))
    plain = nn.Embedding(20, 3, padding_idx=0)
    plain.load_state_dict(model.table.state_dict())
    assert torch.equal(model(numbers), plain(numbers))


def test_any_shape_of_indices() -> None:
    assert Embedding(256, 4)(Input(3, 8, 8, dtype="int64")).shape == (3, 8, 8, 4)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Embedding(20, 3)(Input(5)), r'needs indices, got float32.\nWrite Input\(..., dtype="int64"\)'),
        (lambda: Embedding(20, 3)(Input(5, dtype="bool")), "needs indices, got bool"),
        (lambda: Embedding(20, 3, padding_idx=20)(Input(5, dtype="int64")), "padding_idx from 0 to 19"),
        (lambda: Embedding(20, 3, padding_idx=-1), "at least 0"),
        (lambda: Linear(3)(Input(5, dtype="int64")), r"put Embedding\(...\) before it"),
    ],
)
def test_a_mistake_is_an_error_where_it_is_made(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()


def test_layers_without_weights_take_indices() -> None:
    assert Flatten()(Input(2, 5, dtype="int64")).shape == (10,)
