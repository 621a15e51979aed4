"""The file that `to_source` writes: plain torch, the same names, the same outputs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from axone.graph import (
    ACTIVATIONS,
    LSTM,
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Concatenate,
    Conv2d,
    Embedding,
    Flatten,
    GlobalAveragePool2d,
    GraphError,
    Input,
    Layer,
    Linear,
    MaxPool2d,
    Model,
    Scale,
)
from axone.graph.nodes.operation import KINDS
from tests.helpers.networks.graph import LAYER_EXAMPLES, build_model


def load_network(text: str) -> nn.Module:
    """Check that the file imports torch only, execute it, and return its network."""
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"torch", "torch.nn"}
    names: dict = {}
    exec(compile(text, "network.py", "exec"), names)
    return names["Network"]()


def draw_inputs(model: Model) -> list[torch.Tensor]:
    inputs = []
    for name in model.input_names:
        (layer,) = [node.layer for node in model.nodes if node.name == name]
        shape = (3, *layer.shape)
        inputs.append(torch.randn(shape) if layer.dtype == "float32" else torch.randint(5, shape))
    return inputs


def check_source(model: Model) -> str:
    """Compare the written network with the model, in training and evaluation, and return the text of the file."""
    text = model.to_source()
    other = load_network(text)
    for tensor in model.parameters():
        nn.init.normal_(tensor, 0.1, 0.3)
    assert list(other.state_dict()) == list(model.state_dict())
    other.load_state_dict(model.state_dict())
    inputs = draw_inputs(model)
    for training in (True, False):
        model.train(training), other.train(training)
        torch.manual_seed(1)
        expected = model(*inputs)
        torch.manual_seed(1)
        outputs = other(*inputs)
        assert isinstance(outputs, tuple) == isinstance(expected, tuple)
        torch.testing.assert_close(outputs, expected, rtol=1e-5, atol=1e-6)
    assert Model.from_json(model.to_json(), device="meta").to_source() == text
    return text


@pytest.mark.parametrize(("shape", "layer"), LAYER_EXAMPLES, ids=lambda value: repr(value)[:60])
def test_every_layer_is_written(shape: tuple[int, ...], layer: Layer) -> None:
    check_source(build_model(shape, layer))


def test_the_examples_contain_every_layer_with_one_input_of_numbers() -> None:
    others = {"Add", "Subtract", "Multiply", "Concatenate", "Embedding", "Apply", "Part", "ZeroPadding"}
    assert KINDS.keys() - others == {layer.kind for _shape, layer in LAYER_EXAMPLES}


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_is_written(name: str) -> None:
    x = Input(3, 4, 5)
    check_source(Model(x, Activation(name)(Conv2d(2, 1, activation=name)(x))))


def test_a_chain_uses_one_variable() -> None:
    x = Input(1, 28, 28)
    h = MaxPool2d(2)(Conv2d(32, 3, activation="relu")(x))
    text = check_source(Model(x, Linear(10)(Flatten()(h))))
    assert text.endswith("""
class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d_1 = nn.Conv2d(1, 32, 3)
        self.max_pool2d_1 = nn.MaxPool2d(2, stride=2)
        self.flatten_1 = nn.Flatten()
        self.linear_1 = nn.Linear(5408, 10)

    def forward(self, input_1):
        x = F.relu(self.conv2d_1(input_1))
        x = self.max_pool2d_1(x)
        x = self.flatten_1(x)
        x = self.linear_1(x)
        return x
""")
    assert "outputs = network(torch.rand(1, 1, 28, 28))" in text


def test_branches_and_dotted_names_are_written() -> None:
    x = Input(3, 8, 8, name="image")
    h = BatchNorm2d(name="layer1.0.bn1")(Conv2d(4, 3, 2, "same", bias=False, name="layer1.0.conv1")(x))
    h = Activation("relu")(h + Conv2d(4, 1, 2, name="layer1.0.downsample.0")(x))
    h = Concatenate()([Conv2d(2, size, padding="same", name=f"branches.{size}")(h) for size in (1, 3, 5)])
    text = check_source(Model(x, Linear(2, name="in")(GlobalAveragePool2d()(h - 0.5 * h))))
    assert 'self.layer1["0"]["downsample"]["0"](image)' in text


def test_shared_layers_several_inputs_and_outputs_are_written() -> None:
    a, b = Input(1, 8, 8, name="x"), Input(6, dtype="int64", name="self")
    tower = Conv2d(3, 3, activation="tanh", name="0")
    h = tower(a) + tower(Scale(2)(a))
    _every, (words, _cell) = LSTM(5, bidirectional=True)(Embedding(9, 4, padding_idx=0)(b))
    check_source(Model((b, a), (Linear(2)(Flatten()(h)), words, h, a)))
    check_source(Model(a, [Flatten()(a)]))


def test_blocks_are_written() -> None:
    x, y = Input(4), Input(4)
    block = Model(x, Linear(4, name="dense")(x), name="values.keys")
    check_source(Model(y, block(block(y))))


def test_a_replaced_submodule_is_written() -> None:
    x = Input(4)
    model = Model(x, Linear(2, name="head")(x))
    model.head = nn.Linear(4, 7, bias=False)
    assert "self.head = nn.Linear(4, 7, bias=False)" in model.to_source()


@pytest.mark.parametrize(
    "module", [nn.Sequential(nn.Linear(4, 2)), nn.ModuleList(), type("Odd", (nn.Linear,), {})(4, 2)]
)
def test_modules_of_other_packages_are_refused(module: nn.Module) -> None:
    x = Input(4)
    model = Model(x, Linear(2, name="head")(x))
    model.head = module
    with pytest.raises(GraphError, match=r"cannot be written in plain PyTorch.\nexpected a module of torch.nn"):
        model.to_source()


def test_a_user_layer_is_written_with_its_source_method() -> None:
    class Squared(nn.Module):
        def forward(self, input):
            return input**2

        def source(self, module, input):
            return f"{input} ** 2"

    class Square(Layer):
        def build(self, shape):
            return Squared()

    try:
        x = Input(4)
        check_source(Model(x, Square()(Linear(2)(x))))
    finally:
        KINDS.pop("Square", None)


def test_the_file_needs_torch_only(tmp_path: Path) -> None:
    x = Input(2, 7, 7)
    model = Model(x, Linear(3)(Flatten()(AvgPool2d(3, 2, "same")(Conv2d(4, 3, 2, "same")(x)))))
    (tmp_path / "network.py").write_text(model.to_source())
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    program = (
        "import sys, torch; sys.path.insert(0, '.'); from network import Network; n = Network();"
        "n.load_state_dict(torch.load('weights.pt')); print(n(torch.ones(1, 2, 7, 7)).sum().item());"
        "assert not any(name.startswith(('axone', 'jaxtyping')) for name in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(model(torch.ones(1, 2, 7, 7)).sum().item(), rel=1e-5)
