"""Recurrent layers: parameters by hand, outputs against torch's own and against a loop over the steps."""

import copy
import pickle

import pytest
import torch
from torch import nn

from axone.graph import GRU, LSTM, RNN, Embedding, Flatten, GraphError, Input, Linear, Model, Part
from tests.helpers.networks.graph import build_model

KINDS = [(RNN, nn.RNN, 1), (GRU, nn.GRU, 3), (LSTM, nn.LSTM, 4)]


def build_recurrent(layer, features: int, steps: int = 6) -> Model:
    return build_model((steps, features), layer)


def build_with_state(layer, features: int, steps: int = 6) -> Model:
    """Return a model that receives a state and returns the output and the state."""
    x = Input(steps, features)
    shapes = layer.part_shapes((steps, features)).values()
    first = tuple(Input(*shape) for shape in shapes)
    output, state = layer(x, state=first)
    return Model((x, *first), (output, *(state if isinstance(state, tuple) else (state,))))


@pytest.mark.parametrize(("kind", "_plain", "gates"), KINDS)
def test_parameters_by_hand(kind, _plain, gates: int) -> None:
    # Per gate and unit: a weight for each feature and each number of the state, and torch's two biases.
    one = gates * 5 * (3 + 5 + 2)
    assert build_recurrent(kind(5), 3).parameter_count == one
    assert build_recurrent(kind(5, bias=False), 3).parameter_count == gates * 5 * (3 + 5)
    assert build_recurrent(kind(5, bidirectional=True), 3).parameter_count == 2 * one
    assert build_recurrent(kind(5, num_layers=2), 3).parameter_count == one + gates * 5 * (5 + 5 + 2)
    # The second layer of a bidirectional pair reads both directions.
    assert build_recurrent(kind(5, 2, bidirectional=True), 3).parameter_count == 2 * (one + gates * 5 * (10 + 5 + 2))


def test_parameter_counts_of_common_sizes() -> None:
    assert build_recurrent(LSTM(128), 28).parameter_count == 4 * 128 * (28 + 128 + 2) == 80_896
    assert build_recurrent(LSTM(128, bidirectional=True), 28).parameter_count == 161_792
    assert build_recurrent(GRU(64), 10).parameter_count == 3 * 64 * (10 + 64 + 2) == 14_592
    assert build_recurrent(RNN(32), 8).parameter_count == 32 * (8 + 32 + 2) == 1_344


@pytest.mark.parametrize("options", [{}, {"bidirectional": True}, {"num_layers": 2, "bidirectional": True}], ids=str)
@pytest.mark.parametrize(("kind", "plain", "_gates"), KINDS)
def test_recurrent_layers_compute_what_torch_computes(kind, plain, _gates, options) -> None:
    sequences = torch.randn(4, 6, 3)
    model = build_with_state(kind(5, **options), 3)
    own = plain(3, 5, batch_first=True, **options)
    model.load_state_dict({f"{kind.__name__.lower()}_1.{key}": value for key, value in own.state_dict().items()})
    rows = model.output_shapes[1][0]
    first = [torch.randn(4, rows, 5) for _part in range(2 if kind is LSTM else 1)]
    initial = [part.transpose(0, 1).contiguous() for part in first]
    outputs, states = own(sequences, tuple(initial) if kind is LSTM else initial[0])
    results = model(sequences, *first)
    torch.testing.assert_close(results[0], outputs)
    for result, state in zip(results[1:], states if kind is LSTM else (states,), strict=True):
        torch.testing.assert_close(result, state.transpose(0, 1))
    assert model.output_shapes == tuple(tuple(result.shape[1:]) for result in results)


def test_a_plain_recurrence_by_hand() -> None:
    model = build_recurrent(RNN(2, nonlinearity="relu", name="recurrence"), 1, steps=3)
    module, state = model.recurrence, torch.zeros(1, 2)
    expected = []
    for number in (1.0, -2.0, 3.0):
        total = torch.tensor([[number]]) @ module.weight_ih_l0.T + state @ module.weight_hh_l0.T
        state = torch.relu(total + module.bias_ih_l0 + module.bias_hh_l0)
        expected.append(state)
    output = model(torch.tensor([[[1.0], [-2.0], [3.0]]]))
    torch.testing.assert_close(output, torch.stack(expected, 1))


def test_flops_count_each_weight_at_each_step() -> None:
    model = build_recurrent(LSTM(5, 2, bidirectional=True), 3, steps=7)
    weights = sum(tensor.numel() for name, tensor in model.state_dict().items() if "weight" in name)
    assert model.flops == 2 * 7 * weights


def test_other_lengths_are_accepted_and_copies_compute_the_same() -> None:
    model = build_recurrent(GRU(4), 3)
    assert model(torch.rand(2, 11, 3)).shape == (2, 11, 4)
    expected = model(torch.ones(1, 6, 3))
    assert torch.equal(copy.deepcopy(model)(torch.ones(1, 6, 3)), expected)
    assert torch.equal(pickle.loads(pickle.dumps(model))(torch.ones(1, 6, 3)), expected)


def test_a_text_classifier_learns() -> None:
    words = Input(12, dtype="int64")
    _output, (hidden, _cell) = LSTM(16, bidirectional=True)(Embedding(9, 8)(words))
    model = Model(words, Linear(2)(Flatten()(hidden)))
    texts = torch.randint(1, 9, (64, 12))
    labels = (texts == 3).any(1).long()
    torch_optimizer = torch.optim.Adam(model.parameters(), 0.02)
    losses = []
    for _step in range(60):
        loss = nn.functional.cross_entropy(model(texts), labels)
        torch_optimizer.zero_grad(), loss.backward(), torch_optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 < losses[0]


def test_a_long_sequence_is_written_quickly() -> None:
    # torch would loop over the steps on the meta device too.
    output, (hidden, cell) = LSTM(8, 3)(Input(50_000_000, 4))
    assert output.shape == (50_000_000, 8) and hidden.shape == cell.shape == (3, 8)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: LSTM(8)(Input(5)), r"expected \(steps, features\)\nPut Reshape\(\(-1, 1\)\)"),
        (lambda: LSTM(8)(Input(1, 28, 28)), r"Put Reshape\(\(steps, features\)\)"),
        (lambda: LSTM(8)(Input(5, 3, dtype="int64")), r"put Embedding\(...\) before it"),
        (lambda: LSTM(8, dropout=0.5)(Input(5, 3)), "Write num_layers=2 or more"),
        (lambda: LSTM(8, num_layers=101), "from 1 to 100"),
        (lambda: LSTM(8, bidirectional=2), "True or False"),
        (lambda: RNN(8, nonlinearity="rellu"), 'did you mean "relu"'),
        (lambda: GRU(8, nonlinearity="relu"), "unexpected keyword"),
        (lambda: GRU(8, return_sequences=True), "output, state = layer"),
        (lambda: Linear(2)(LSTM(8)(Input(5, 3))), "was called on a tuple|called on 2 inputs"),
        (lambda: Linear(2)(LSTM(8)(Input(5, 3))[1]), "called on 2 inputs(.|\n)*Write output, state"),
        (lambda: LSTM(8)(Input(5, 3), state=Input(1, 8)), "a state of 1 nodes"),
        (lambda: GRU(8)(Input(5, 3), state=Input(2, 8)), r"a state \(1, 8\)"),
        (lambda: GRU(8)(Input(5, 3), lengths=Input(5, dtype="int64")), r"lengths \(\) and a state"),
        (lambda: Model(Input(3), Part("cell")(Input(3))), "no such result"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_wrong_arguments_and_shapes_are_refused(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()
