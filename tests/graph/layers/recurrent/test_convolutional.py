import pytest
import torch
from torch import nn
from torch.export import Dim, export

from axone.graph import ConvGRU2d, ConvLSTM2d, ConvRNN2d, GraphError, Input, Model

LAYERS = [ConvLSTM2d, ConvGRU2d, ConvRNN2d]


def network(layer, hidden=3, channels=2, side=4, steps=5):
    frames = Input(steps, channels, side, side)
    output, state = layer(hidden)(frames)
    return Model(frames, (output, *(state if isinstance(state, tuple) else (state,))))


@pytest.mark.parametrize("layer", LAYERS)
def test_on_one_pixel_it_is_torchs_recurrent_layer(layer):
    model = network(layer, side=1)
    (module,) = [part for part in model.modules() if isinstance(part, nn.Conv2d)]
    torchs = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}[module.mode](2, 3, batch_first=True)
    center = module.weight.detach()[:, :, 1, 1]
    with torch.no_grad():
        torchs.weight_ih_l0.copy_(center[:, :2])
        torchs.weight_hh_l0.copy_(center[:, 2:])
        torchs.bias_ih_l0.copy_(module.bias)
        torchs.bias_hh_l0.zero_()
    frames = torch.randn(6, 5, 2, 1, 1)
    output, *state = model(frames)
    expected, last = torchs(frames.flatten(2))
    assert torch.allclose(output.flatten(2), expected, atol=1e-6)
    for one, other in zip(state, last if isinstance(last, tuple) else (last,), strict=True):
        assert torch.allclose(one.flatten(1), other[0], atol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
def test_the_state_continues_a_sequence(layer):
    whole = network(layer, steps=5)
    frames, more = Input(2, 2, 4, 4), Input(3, 2, 4, 4)
    shared = layer(3)
    _first, state = shared(frames)
    second, _state = shared(more, state=state)
    parts = Model((frames, more), second)
    (one,), (two,) = ([m for m in net.modules() if isinstance(m, nn.Conv2d)] for net in (whole, parts))
    two.load_state_dict(one.state_dict())
    values = torch.randn(2, 5, 2, 4, 4)
    assert torch.allclose(whole(values)[0][:, 2:], parts(values[:, :2], values[:, 2:]), atol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
def test_it_is_written_as_a_file_and_as_plain_pytorch_and_exported(layer):
    model = network(layer).eval()
    values = torch.randn(2, 5, 2, 4, 4)
    again = Model.from_json(model.to_json())
    again.load_state_dict(model.state_dict())
    assert torch.equal(again(values)[0], model(values)[0])
    names: dict = {}
    exec(compile(model.to_source(), "network", "exec"), names)
    plain = names["Network"]()
    plain.load_state_dict(model.state_dict())
    assert torch.allclose(plain(values)[0], model(values)[0], atol=1e-6)
    program = export(model, (values,), dynamic_shapes=(({0: Dim("batch")},),))
    more = torch.randn(3, 5, 2, 4, 4)
    assert torch.allclose(program.module()(more)[0], model(more)[0], atol=1e-6)


def test_shapes_parameters_and_flops():
    model = network(ConvLSTM2d, hidden=3, channels=2)
    assert model.output_shapes == ((5, 3, 4, 4), (3, 4, 4), (3, 4, 4))
    assert model.parameter_count == 9 * 5 * 12 + 12
    node = next(node for node in model.nodes if node.kind == "ConvLSTM2d")
    assert node.flops == 2 * 5 * 16 * 9 * 5 * 12


def test_what_does_not_fit_is_refused():
    with pytest.raises(GraphError, match="expected \\(steps, channels, height, width\\)"):
        ConvLSTM2d(3)(Input(2, 4, 4))
    with pytest.raises(GraphError, match="odd"):
        ConvLSTM2d(3, kernel_size=2)(Input(5, 2, 4, 4))
    with pytest.raises(GraphError, match="state"):
        ConvLSTM2d(3)(Input(5, 2, 4, 4), state=(Input(3, 2, 2), Input(3, 4, 4)))


def test_the_memory_is_kept_at_first():
    model = network(ConvLSTM2d)
    (module,) = [part for part in model.modules() if isinstance(part, nn.Conv2d)]
    assert (module.bias[3:6] == 1).all() and not (module.bias[:3] == 1).any()
