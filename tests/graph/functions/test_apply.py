"""Modules and functions of the user's own as layers."""

import copy
import functools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from axone.graph import Apply, Flatten, GraphError, Input, Linear, Model


class Gate(nn.Module):
    """A module with weights, a buffer, and a behavior that depends on the mode."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(size, size)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x, y):
        self.calls += 1
        mask = torch.ones(x.shape[-1]) if self.training else torch.full((x.shape[-1],), 0.5)
        return self.linear(x) * y * mask.to(x)


def test_a_module_is_used_as_it_is_and_trained() -> None:
    x, y = Input(3), Input(3)
    gate = Gate(3)
    model = Model((x, y), Apply(gate)(x, y))
    assert model.gate_1 is gate and list(model.state_dict()) == [
        "gate_1.calls",
        "gate_1.linear.weight",
        "gate_1.linear.bias",
    ]
    assert gate.training and gate.calls == 0  # finding the shape neither changed the mode nor the buffer
    assert model.parameter_count == 12 and model.nodes[-1].shape == (3,)
    one, two = torch.rand(4, 3), torch.rand(4, 3)
    torch.testing.assert_close(model(one, two), gate.linear(one) * two)
    model(one, two).sum().backward()
    assert gate.linear.weight.grad is not None
    torch.testing.assert_close(model.eval()(one, two), gate.linear(one) * two / 2)


def test_a_module_that_is_applied_twice_shares_its_weights() -> None:
    x, y = Input(3), Input(3)
    prelu = nn.PReLU()
    model = Model((x, y), Apply(prelu)(x) + Apply(prelu)(y))
    assert [node.name for node in model.nodes][2:] == ["prelu_1", "prelu_1:2", "add_1"] and model.parameter_count == 1
    assert "shared" in model.summary()


def test_functions_take_several_nodes_and_create_tensors() -> None:
    def interpolate(a, b):
        return torch.lerp(a, b, torch.linspace(0, 1, a.shape[-1]))

    x, y = Input(3), Input(3)
    model = Model((x, y), Apply(interpolate)(x, y))
    one, two = torch.rand(4, 3), torch.rand(4, 3)
    assert torch.equal(model(one, two), interpolate(one, two)) and model.nodes[-1].name == "interpolate_1"
    assert "Apply(interpolate)" in model.summary() and "Apply(interpolate)" in model.draw()


def test_code_that_needs_numbers_is_run_on_zeros() -> None:
    def normalize(a):
        return a / (1 + float(a.abs().max()))

    x = Input(3)
    state = torch.random.get_rng_state()
    assert Apply(normalize)(x).shape == (3,)
    assert torch.equal(state, torch.random.get_rng_state())


def test_one_of_several_results_is_selected() -> None:
    x = Input(5, 4)
    lstm = nn.LSTM(4, 6, batch_first=True)
    model = Model(x, Apply(lstm, output=0)(x))
    batch = torch.rand(2, 5, 4)
    torch.testing.assert_close(model(batch), lstm(batch)[0])
    assert model.parameter_count == sum(weight.numel() for weight in lstm.parameters())
    with pytest.raises(GraphError, match="must return one tensor"):
        Apply(lstm)(x)


def test_functions_of_the_registry_are_written_by_their_name() -> None:
    x = Input(3)
    nodes = [Apply(torch.exp, name="e")(x), Apply(functools.partial(F.leaky_relu, negative_slope=0.5))(x)]
    model = Model(x, nodes)
    assert [repr(node.layer) for node in model.nodes[1:]] == ["torch.exp(x)", "F.leaky_relu(x, negative_slope=0.5)"]
    assert [node.name for node in model.nodes[1:]] == ["e", "leaky_relu_1"]
    assert Model.from_json(model.to_json()).to_json() == model.to_json()


def test_a_file_cannot_hold_code_and_says_whose() -> None:
    x = Input(3)
    model = Model(x, Apply(lambda h: h * 2, name="twice")(Apply(nn.PReLU())(x)))
    with pytest.raises(GraphError, match=r"Apply\(PReLU\) is code of your own.*\nSave model.state_dict\(\)"):
        model.to_json()
    with pytest.raises(GraphError, match=r"Apply\(lambda\) cannot be written in plain PyTorch"):
        model.to_source()
    x = Input(3)
    source = Model(x, Apply(nn.PReLU())(x)).to_source()
    assert "self.prelu_1 = nn.PReLU()" in source  # a module of torch.nn whose arguments it still has


def test_copies_have_their_own_weights() -> None:
    x = Input(3)
    prelu = nn.PReLU()
    model = Model(x, Apply(prelu)(x))
    copied = copy.deepcopy(model)
    with torch.no_grad():
        prelu.weight.fill_(9)
    assert model.prelu_1.weight == 9 and copied.prelu_1.weight == 0.25


captured = nn.Linear(3, 3)


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda h: captured(h), "the weights of Linear in a function would not be trained"),
        (captured.forward, "the weights of Linear in a function would not be trained"),
        (functools.partial(lambda h: captured(h)), "would not be trained"),
        (nn.PReLU, r"expected a module such as nn.PReLU\(\), or a function"),
        (3, "a module such as"),
        (Linear(3), "is called on nodes directly"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_operations_that_cannot_be_applied_are_refused(operation, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        Apply(operation)


def test_errors_of_the_code_are_quoted_at_the_call() -> None:
    def broken(h):
        raise KeyError("sample")

    x = Input(3)
    with pytest.raises(GraphError, match=r"Apply\(broken\) does not accept \(3,\).\nKeyError: 'sample'"):
        Apply(broken)(x)
    with pytest.raises(GraphError, match=r"Apply\(Linear\) does not accept \(3,\).\n.*(mat1|shapes)"):
        Apply(nn.Linear(5, 2))(x)
    with pytest.raises(GraphError, match="batch first"):
        Apply(lambda h: h.mean())(x)
    with pytest.raises(GraphError, match="batch first"):
        Apply(lambda h: h.reshape(2, -1))(Input(6))  # right for a batch of two only


def test_a_model_with_code_exports_and_is_described() -> None:
    x = Input(1, 4, 4)
    model = Model(x, Linear(2)(Flatten()(Apply(nn.PReLU())(x)))).eval()
    exported = torch.export.export(model, (torch.rand(3, 1, 4, 4),)).module()
    batch = torch.rand(3, 1, 4, 4)
    torch.testing.assert_close(exported(batch), model(batch))
