"""Lengths, states, dropout and precision of recurrent layers, against torch's PackedSequence and by hand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from axone.graph import (
    GRU,
    LSTM,
    RNN,
    AttentionPooling,
    Concatenate,
    Conv1d,
    Input,
    Linear,
    MaxPooling,
    MeanPooling,
    Model,
    Permute,
    ZeroPadding,
)
from axone.graph.layers.recurrent.module import RecurrentModule, reverse_steps

KINDS = {"rnn": RNN, "gru": GRU, "lstm": LSTM}
PLAIN = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def build(layer, features: int = 3, steps: int = 7, *, with_state: bool = False) -> Model:
    """Return a model of x and lengths, and where asked a state, that returns the output and the state."""
    x, lengths = Input(steps, features), Input(dtype="int64", name="lengths")
    first = tuple(Input(*shape) for shape in layer.part_shapes((steps, features)).values()) if with_state else ()
    output, state = layer(x, lengths=lengths, state=first or None)
    return Model((x, lengths, *first), (output, *(state if isinstance(state, tuple) else (state,))))


def test_steps_are_reversed_within_their_own_length() -> None:
    batch = torch.arange(10.0).view(2, 5, 1)
    reversed_ = reverse_steps(batch, torch.tensor([3, 5]))[..., 0]
    assert reversed_.tolist() == [[2, 1, 0, 3, 4], [9, 8, 7, 6, 5]]
    assert torch.equal(reverse_steps(batch, None)[0], batch[0].flip(0))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_lengths_compute_what_a_packed_sequence_computes(kind: str, bidirectional: bool) -> None:
    options = {"num_layers": 2, "bidirectional": bidirectional}
    model = build(KINDS[kind](5, **options), with_state=True)
    plain = PLAIN[kind](3, 5, batch_first=True, **options)
    model.load_state_dict({f"{kind}_1.{key}": value for key, value in plain.state_dict().items()})
    batch, lengths = torch.randn(4, 7, 3), torch.tensor([2, 7, 1, 5])
    rows = 4 if bidirectional else 2
    first = [torch.randn(4, rows, 5) for _part in range(2 if kind == "lstm" else 1)]
    initial = [part.transpose(0, 1).contiguous() for part in first]
    packed = pack_padded_sequence(batch, lengths, batch_first=True, enforce_sorted=False)
    output, state = plain(packed, tuple(initial) if kind == "lstm" else initial[0])
    expected = pad_packed_sequence(output, batch_first=True)[0]
    results = model(batch, lengths, *first)
    torch.testing.assert_close(results[0], expected, atol=1e-6, rtol=1e-5)
    for result, part in zip(results[1:], state if kind == "lstm" else (state,), strict=True):
        torch.testing.assert_close(result, part.transpose(0, 1), atol=1e-6, rtol=1e-5)
    # The gradients, too: the padding receives none.
    batch.requires_grad_(True)
    (gradient,) = torch.autograd.grad(model(batch, lengths, *first)[0].square().sum(), batch)
    packed = pack_padded_sequence(batch, lengths, batch_first=True, enforce_sorted=False)
    output = plain(packed, tuple(initial) if kind == "lstm" else initial[0])[0]
    (other,) = torch.autograd.grad(pad_packed_sequence(output, batch_first=True)[0].square().sum(), batch)
    torch.testing.assert_close(gradient, other, atol=1e-5, rtol=1e-4)


def build_reader(kind: str, bidirectional: bool) -> Model:
    """Return a network with every layer that masks: a convolution between them, pools, attention, states."""
    x, lengths = Input(8, 3), Input(dtype="int64", name="lengths")
    h = Permute((2, 1))(ZeroPadding()(x, lengths))
    h = ZeroPadding(dim=2)(Conv1d(4, 3, padding="same", activation="relu")(h), lengths)
    h, state = KINDS[kind](5, 2, bidirectional=bidirectional)(Permute((2, 1))(h), lengths)
    parts = state if isinstance(state, tuple) else (state,)
    pools = Concatenate()(AttentionPooling()(h, lengths), MeanPooling()(h, lengths), MaxPooling()(h, lengths))
    return Model((x, lengths), (Linear(2)(pools), h, *parts)).eval()


@settings(max_examples=12, deadline=None)
@given(
    kind=st.sampled_from(list(KINDS)),
    bidirectional=st.booleans(),
    lengths=st.lists(st.integers(1, 8), min_size=1, max_size=6),
    seed=st.integers(0, 1000),
)
def test_a_sequence_has_the_same_answer_alone_and_in_any_batch(
    kind: str, bidirectional: bool, lengths: list[int], seed: int
) -> None:
    torch.manual_seed(seed)
    model = build_reader(kind, bidirectional)
    batch = torch.randn(len(lengths), 8, 3) * 3  # the padding is not zero, and must not matter
    together = model(batch, torch.tensor(lengths))
    for number, length in enumerate(lengths):
        alone = model(batch[number : number + 1, :length], torch.tensor([length]))
        for one, all_ in zip(alone, together, strict=True):
            part = all_[number : number + 1]
            part = part[:, :length] if part.dim() == 3 and part.shape[1] == 8 else part
            torch.testing.assert_close(one, part, atol=1e-5, rtol=1e-5)
        assert not together[1][number, length:].any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_continues_from_the_state_of_its_own_last_step(kind: str) -> None:
    model = build(KINDS[kind](5, 2), with_state=True)
    zeros = [torch.zeros(2, 2, 5) for _part in range(2 if kind == "lstm" else 1)]
    batch, lengths = torch.randn(2, 7, 3), torch.tensor([7, 5])
    whole = model(batch, lengths, *zeros)
    first = torch.tensor([4, 2])
    _output, *state = model(batch, first, *zeros)
    rest = torch.zeros(2, 3, 3)
    for number in range(2):
        rest[number] = batch[number, first[number] : first[number] + 3]
    output, *final = model(rest, torch.tensor([3, 3]), *state)
    torch.testing.assert_close(output[0], whole[0][0, 4:7])
    torch.testing.assert_close(output[1], whole[0][1, 2:5])
    for one, other in zip(final, whole[1:], strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_without_steps_keeps_its_state(kind: str) -> None:
    model = build(KINDS[kind](5), with_state=True)
    first = [torch.randn(2, 1, 5) for _part in range(2 if kind == "lstm" else 1)]
    output, *state = model(torch.randn(2, 7, 3), torch.tensor([0, 7]), *first)
    assert not output[0].any()
    for before, after in zip(first, state, strict=True):
        torch.testing.assert_close(after[0], before[0])


def test_dropout_between_layers_has_one_mask_for_all_steps() -> None:
    model = build(RNN(64, 2, dropout=0.5, nonlinearity="relu"), features=1)
    module = model.rnn_1
    for name, weight in module.named_parameters():
        nn.init.zeros_(weight)
        if name == "bias_ih_l0":
            nn.init.ones_(weight)
        if name == "weight_ih_l1":
            nn.init.eye_(weight)
    output = model(torch.zeros(3, 7, 1), torch.full((3,), 7))[0]
    assert set(output.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(output, output[:, :1].expand_as(output))
    assert not torch.equal(output[0], output[1])
    assert set(model.eval()(torch.zeros(3, 7, 1), torch.full((3,), 7))[0].unique().tolist()) == {1.0}


def test_weight_dropout_applies_to_hidden_weights_in_training_only() -> None:
    model = build(GRU(6, weight_dropout=0.5))
    batch, lengths = torch.randn(2, 7, 3), torch.tensor([7, 4])
    one, other = model(batch, lengths)[0], model(batch, lengths)[0]
    assert torch.equal(one[:, 0], other[:, 0])  # the state before the first step is zero
    assert not torch.equal(one[:, 1], other[:, 1])
    one.sum().backward()
    assert (model.gru_1.weight_hh_l0.grad == 0).float().mean() > 0.2
    model.eval()
    assert torch.equal(model(batch, lengths)[0], model(batch, lengths)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_the_precision_of_the_cells_is_chosen_by_the_layer_in_training_only(kind: str) -> None:
    batch, lengths = torch.randn(4, 7, 3), torch.tensor([7, 5, 2, 1])
    exact = build(KINDS[kind](16))
    results = {}
    for precision in ("float32", "bfloat16", "auto"):
        model = build(KINDS[kind](16, precision=precision))
        model.load_state_dict(exact.state_dict())
        for casting in (False, True):
            with torch.autocast("cpu", torch.bfloat16, enabled=casting):
                results[precision, casting] = model.train()(batch, lengths)
                evaluated = model.eval()(batch, lengths)
            assert all(result.dtype == torch.float32 for result in results[precision, casting])
            assert torch.equal(evaluated[0], exact.eval()(batch, lengths)[0])
    expected = exact.eval()(batch, lengths)[0]
    assert torch.equal(results["float32", True][0], expected) and torch.equal(results["auto", False][0], expected)
    assert torch.equal(results["auto", True][0], results["bfloat16", False][0])
    difference = (results["bfloat16", False][0] - expected).abs().max()
    assert 0 < difference < 0.02


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "auto"])
@pytest.mark.parametrize("kind", KINDS)
def test_inputs_in_bfloat16_are_accepted(kind: str, precision: str) -> None:
    x, lengths = Input(6, 3), Input(dtype="int64", name="lengths")
    first, _state = KINDS[kind](5, precision=precision)(Linear(4)(x), lengths)
    pooled = AttentionPooling()(KINDS[kind](5, precision=precision)(Linear(4)(first), lengths)[0], lengths)
    model = Model((x, lengths), Linear(2)(pooled))
    batch, counts = torch.randn(3, 6, 3), torch.tensor([6, 2, 1])
    expected = model.eval()(batch, counts)
    for training in (True, False):
        with torch.autocast("cpu", torch.bfloat16):
            output = model.train(training)(batch, counts)
        torch.testing.assert_close(output.float(), expected, atol=0.05, rtol=0.05)
        output.float().sum().backward()


def test_the_memory_cell_at_the_last_step_is_exact_in_bfloat16_too() -> None:
    model = build(LSTM(16, precision="bfloat16")).train()
    batch = torch.randn(1, 7, 3) * 5
    _output, hidden, cell = model(batch, torch.tensor([3]))
    _output, alone, alone_cell = model(batch[:, :3], torch.tensor([3]))
    assert torch.equal(cell, alone_cell) and torch.equal(hidden, alone)


def test_the_module_is_one_of_torch() -> None:
    module = build(LSTM(4)).lstm_1
    assert isinstance(module, nn.LSTM) and isinstance(module, RecurrentModule) and module.batch_first
