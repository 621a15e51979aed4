"""The file that `to_source` writes: plain torch, the same names, the same answers."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from axone.graph import (
    ACTIVATIONS,
    GRU,
    LSTM,
    RNN,
    Activation,
    AdaptiveAvgPool2d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    Concatenate,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    DepthwiseConv2d,
    Dropout,
    Dropout2d,
    Embedding,
    Flatten,
    GlobalAveragePool1d,
    GlobalAveragePool2d,
    GlobalAveragePool3d,
    GlobalMaxPool1d,
    GlobalMaxPool2d,
    GlobalMaxPool3d,
    GraphError,
    GroupNorm,
    Input,
    InstanceNorm2d,
    Layer,
    LayerNorm,
    Linear,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    Model,
    Permute,
    Reshape,
    Scale,
    Upsample,
    ZeroPad2d,
)
from axone.graph.operation import KINDS


def network(text: str) -> nn.Module:
    """Execute the file, after a look at what it imports."""
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"torch", "torch.nn"}
    space: dict = {}
    exec(compile(text, "network.py", "exec"), space)
    return space["Network"]()


def inputs_for(model: Model) -> list[torch.Tensor]:
    made = []
    for name in model.input_names:
        (layer,) = [node.layer for node in model.nodes if node.name == name]
        shape = (3, *layer.shape)
        made.append(torch.randn(shape) if layer.dtype == "float32" else torch.randint(5, shape))
    return made


def check(model: Model) -> str:
    text = model.to_source()
    other = network(text)
    for tensor in model.parameters():
        nn.init.normal_(tensor, 0.1, 0.3)
    assert list(other.state_dict()) == list(model.state_dict())
    other.load_state_dict(model.state_dict())
    given = inputs_for(model)
    for training in (True, False):
        model.train(training), other.train(training)
        torch.manual_seed(1)
        expected = model(*given)
        torch.manual_seed(1)
        found = other(*given)
        assert isinstance(found, tuple) == isinstance(expected, tuple)
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    assert Model.from_json(model.to_json(), device="meta").to_source() == text
    return text


LAYERS = [
    ((4,), Linear(3, activation="leaky_relu(0.2)")),
    ((5, 4), Linear(3, False, "softmax")),
    ((4, 9), Conv1d(6, 3, 2, "same", activation="softmax")),
    ((4, 9, 8), Conv2d(6, (3, 2), 2, "same", groups=2)),
    ((4, 9, 8), Conv2d(6, 3, padding=(0, 1), dilation=2, bias=False)),
    ((4, 9, 8), Conv2d(6, 3, padding="same", activation="elu(0.5)")),
    ((2, 5, 6, 7), Conv3d(3, 2, padding="same")),
    ((4, 9, 8), DepthwiseConv2d(3, 2, "same", multiplier=2)),
    ((4, 9), ConvTranspose1d(3, 3, 2, "same")),
    ((4, 5, 6), ConvTranspose2d(6, (3, 4), 2, 1, (1, 0), 2, False, activation="relu")),
    ((2, 3, 4, 5), ConvTranspose3d(3, 3, 2, "same")),
    ((4, 9), MaxPool1d(2)),
    ((4, 9, 8), MaxPool2d(3, 2, "same")),
    ((4, 9, 8), MaxPool2d(3, 2, 1)),
    ((2, 5, 6, 7), MaxPool3d(2, 1, "same")),
    ((4, 9), AvgPool1d(3, 2, "same")),
    ((4, 9, 8), AvgPool2d(3, 1, "same")),
    ((4, 9, 8), AvgPool2d(3, 1, 1)),
    ((2, 5, 6, 7), AvgPool3d((1, 2, 2))),
    ((4, 9, 8), AdaptiveAvgPool2d((3, 2))),
    ((4, 9), GlobalAveragePool1d()),
    ((4, 9, 8), GlobalAveragePool2d()),
    ((2, 5, 6, 7), GlobalAveragePool3d()),
    ((4, 9), GlobalMaxPool1d()),
    ((4, 9, 8), GlobalMaxPool2d()),
    ((2, 5, 6, 7), GlobalMaxPool3d()),
    ((4,), BatchNorm1d()),
    ((4, 9, 8), BatchNorm2d(0.001, 0.01, False)),
    ((2, 5, 6, 7), BatchNorm3d()),
    ((5, 4), LayerNorm(2, bias=False)),
    ((5, 4), LayerNorm(elementwise_affine=False)),
    ((4, 9, 8), GroupNorm(2, affine=False)),
    ((4, 9, 8), InstanceNorm2d(affine=True, track_running_stats=True)),
    ((5, 4), RNN(3, nonlinearity="relu")),
    ((5, 4), RNN(3, 2, False, 0.5, True, return_sequences=False)),
    ((5, 4), GRU(3, return_sequences=False)),
    ((5, 4), GRU(3, bidirectional=True)),
    ((5, 4), LSTM(3)),
    ((5, 4), LSTM(3, 2, bidirectional=True, return_sequences=False)),
    ((5, 4), LSTM(3, return_sequences=False)),
    ((4, 9, 8), Dropout(0.3)),
    ((4, 9, 8), Dropout2d()),
    ((4, 9, 8), Flatten()),
    ((4, 9, 8), Reshape((-1, 9))),
    ((4, 9, 8), Permute((3, 1, 2))),
    ((4, 9, 8), ZeroPad2d((1, 2, 3, 4))),
    ((4, 9, 8), Upsample(2)),
    ((4, 9, 8), Upsample((2, 3), "bilinear", True)),
    ((4, 9, 8), Activation("softmax")),
    ((4, 9), Activation("log_softmax", dim=1)),
    ((4, 9), Activation("linear")),
    ((4, 9), Scale(-0.5)),
]


@pytest.mark.parametrize(("shape", "layer"), LAYERS, ids=lambda value: repr(value)[:60])
def test_every_layer(shape: tuple[int, ...], layer: Layer) -> None:
    x = Input(*shape)
    check(Model(x, layer(x)))


def test_no_layer_was_forgotten() -> None:
    merges = {"Add", "Subtract", "Multiply", "Concatenate", "Embedding", "_Input"}
    assert KINDS.keys() - merges == {layer.kind for _shape, layer in LAYERS}


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation(name: str) -> None:
    x = Input(3, 4, 5)
    check(Model(x, Activation(name)(Conv2d(2, 1, activation=name)(x))))


def test_a_chain_reads_like_a_program() -> None:
    x = Input(1, 28, 28)
    h = MaxPool2d(2)(Conv2d(32, 3, activation="relu")(x))
    text = check(Model(x, Linear(10)(Flatten()(h))))
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


def test_branches_and_names_in_groups() -> None:
    x = Input(3, 8, 8, name="picture")
    h = BatchNorm2d(name="layer1.0.bn1")(Conv2d(4, 3, 2, "same", bias=False, name="layer1.0.conv1")(x))
    h = Activation("relu")(h + Conv2d(4, 1, 2, name="layer1.0.downsample.0")(x))
    h = Concatenate()([Conv2d(2, size, padding="same", name=f"branches.{size}")(h) for size in (1, 3, 5)])
    text = check(Model(x, Linear(2, name="in")(GlobalAveragePool2d()(h - 0.5 * h))))
    assert 'self.layer1["0"]["downsample"]["0"](picture)' in text


def test_shared_layers_several_inputs_and_outputs() -> None:
    a, b = Input(1, 8, 8, name="x"), Input(6, dtype="int64", name="self")
    tower = Conv2d(3, 3, activation="tanh", name="0")
    h = tower(a) + tower(Scale(2)(a))
    words = LSTM(5, bidirectional=True, return_sequences=False)(Embedding(9, 4, padding_idx=0)(b))
    check(Model((b, a), (Linear(2)(Flatten()(h)), words, h, a)))
    check(Model(a, [Flatten()(a)]))


def test_blocks() -> None:
    x, y = Input(4), Input(4)
    block = Model(x, Linear(4, name="dense")(x), name="values.keys")
    check(Model(y, block(block(y))))


def test_a_replaced_head_is_written_too() -> None:
    x = Input(4)
    model = Model(x, Linear(2, name="head")(x))
    model.head = nn.Linear(4, 7, bias=False)
    assert "self.head = nn.Linear(4, 7, bias=False)" in model.to_source()


@pytest.mark.parametrize(
    "module", [nn.Sequential(nn.Linear(4, 2)), nn.ModuleList(), type("Odd", (nn.Linear,), {})(4, 2)]
)
def test_what_is_not_plain_torch_is_refused(module: nn.Module) -> None:
    x = Input(4)
    model = Model(x, Linear(2, name="head")(x))
    model.head = module
    with pytest.raises(GraphError, match=r"cannot be written in plain PyTorch.\nexpected a module of torch.nn"):
        model.to_source()


def test_a_layer_of_ones_own_says_its_source() -> None:
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
        check(Model(x, Square()(Linear(2)(x))))
    finally:
        KINDS.pop("Square", None)


def test_the_file_works_alone(tmp_path: Path) -> None:
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
