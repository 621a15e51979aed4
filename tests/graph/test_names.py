"""Names of Keras and torch.nn: each leads to what is written here."""

import importlib
import pickle
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import axone.graph
from axone.graph import Activation, BatchNorm2d, Conv2d, Dropout, Embedding, GraphError, LayerNorm, Linear, MaxPool2d
from axone.graph.activations import ACTIVATIONS
from axone.graph.names import ACTIVATIONS as SYNONYMS
from axone.graph.names import ARGUMENTS, LAYERS, suggest_argument, suggest_layer
from axone.graph.nodes.operation import KINDS

LAYER_NAMES = {
    "Dense": "Write Linear.", "Conv2D": "Did you mean Conv2d?", "concatenate": "Write Concatenate.",
    "MaxPooling2D": "Write MaxPool2d.", "Lambda": "Write Apply(function).", "Linaer": "Did you mean Linear?",
    "MultiHeadAttention": "Did you mean MultiheadAttention?", "ReLU": 'Write Activation("relu").',
    "PReLU": "Write Apply(nn.PReLU(...)).", "input": "Did you mean Input?", "Conv2DTranspose": "Write ConvTranspose2d.",
}  # fmt: skip


@pytest.mark.parametrize("name", LAYER_NAMES)
def test_an_unknown_layer_says_what_to_write(name: str) -> None:
    with pytest.raises(AttributeError) as raised:
        getattr(axone.graph, name)
    assert str(raised.value) == f"axone.graph has no {name}.\n{LAYER_NAMES[name]}"


def test_an_import_of_an_unknown_layer_says_what_to_write() -> None:
    # In a process without checks of annotations, whose wrappers are frames between the import and the package.
    program = "try:\n    from axone.graph import Linear, Dense\nexcept ImportError as error:\n    print(error)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "axone.graph has no Dense.\nWrite Linear.\n"


def test_other_attributes_are_as_in_any_module() -> None:
    assert not hasattr(axone.graph, "__wrapped__") and not hasattr(axone.graph, "Dense")
    assert pickle.loads(pickle.dumps(torch.relu)) is torch.relu  # pickle asks all modules for the name
    with pytest.raises(AttributeError, match=r"^axone\.graph has no Xyzzyplugh\.$"):
        axone.graph.Xyzzyplugh  # noqa: B018
    assert importlib.import_module("axone.graph.layers") is axone.graph.layers


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Linear(units=3), "Did you mean out_features?"),
        (lambda: Conv2d(filters=3, kernel_size=3), "Did you mean out_channels?"),
        (lambda: Conv2d(3, 3, strides=2), "Did you mean stride?"),
        (lambda: Conv2d(3, 3, use_bias=False), "Did you mean bias?"),
        (lambda: MaxPool2d(pool_size=2), "Did you mean kernel_size?"),
        (lambda: Dropout(rate=0.5), "Did you mean p?"),
        (lambda: BatchNorm2d(epsilon=0.5), "Did you mean eps?"),
        (lambda: Embedding(input_dim=5, output_dim=3), "Did you mean num_embeddings?"),
        (lambda: Linear(10, in_features=5), "Leave out in_features: the sizes of the input follow from the node."),
        (lambda: Linear(784, 10), r"Leave out the size of the input, which follows from the node: Linear\(10\)"),
        (lambda: LayerNorm(normalized_shape=5), "Did you mean last?"),
        (lambda: Linear(3, activaton="relu"), "Did you mean activation?"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_an_unknown_argument_says_what_to_write(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()


@pytest.mark.parametrize(
    ("activation", "near"),
    [
        ("swish", "silu"), ("SiLU", "silu"), ("hard_swish", "hardswish"), ("hard_sigmoid", "hardsigmoid"),
        ("LeakyReLU", "leaky_relu"), ("identity", "linear"), ("ReLU", "relu"), ("log-softmax", "log_softmax"),
        (F.relu, "relu"), (nn.SiLU(), "silu"), (torch.tanh, "tanh"), ("reul", "relu"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("unchecked")
def test_an_unknown_activation_says_what_to_write(activation, near: str) -> None:
    for write in (lambda: Linear(3, activation=activation), lambda: Activation(activation)):
        with pytest.raises(GraphError, match=f'did you mean "{near}"'):
            write()


def test_suggestions_name_what_exists() -> None:
    assert set(SYNONYMS.values()) <= ACTIVATIONS.keys()
    words = {word for text in LAYERS.values() for word in text.replace("(", " ").split() if word[0].isupper()}
    assert {word for word in words if word.strip(").,")} <= {*KINDS, "Input"}
    fields = {name for kind in KINDS.values() for name in kind.__dataclass_fields__}
    assert {name for names in ARGUMENTS.values() if names for name in names} <= fields
    assert suggest_layer("nothing of the kind", KINDS) is None and suggest_argument("nothing", ["bias"]) is None
