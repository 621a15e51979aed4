"""torch.export, compile, trace and functional_call of models, with a dynamic batch size."""

import pytest
import torch

from axone.graph import (
    GRU,
    LSTM,
    RNN,
    Activation,
    AttentionPooling,
    AvgPool2d,
    BatchNorm2d,
    Concatenate,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePool2d,
    Input,
    Layer,
    Linear,
    MaxPool2d,
    MaxPooling,
    MeanPooling,
    Model,
    Reshape,
)
from axone.graph.export import dynamic_steps
from tests.helpers.networks.graph import LAYER_EXAMPLES, build_model

pytestmark = [
    pytest.mark.usefixtures("unchecked"),  # compilers cannot trace the checks of annotations
    # torch.export warns that torch's own recurrent modules hold their weights in a list, too.
    pytest.mark.filterwarnings("ignore:The tensor attributes self.*_flat_weights"),
    pytest.mark.filterwarnings("ignore:_check_is_size will be removed"),  # torch's own replacement calls it
]


def export(model: Model, *example: torch.Tensor) -> torch.nn.Module:
    """Export the model in evaluation mode with a symbolic batch size."""
    batch = torch.export.Dim("batch")
    shapes = {"inputs": tuple({0: batch} for _input in example)}
    return torch.export.export(model.eval(), example, dynamic_shapes=shapes).module()


def check_export(model: Model, *batch: torch.Tensor) -> None:
    """Compare the exported program with the model on batches of several sizes, one included."""
    exported = export(model, *(tensor[:4] for tensor in batch))
    for size in (1, 4, 7):
        part = [tensor[:size] for tensor in batch]
        torch.testing.assert_close(exported(*part), model(*part))


@pytest.mark.parametrize(("shape", "layer"), LAYER_EXAMPLES, ids=lambda value: repr(value)[:60])
def test_every_layer_is_exported_with_a_dynamic_batch(shape: tuple[int, ...], layer: Layer) -> None:
    check_export(build_model(shape, layer), torch.rand(7, *shape))


def test_embedding_is_exported_with_a_dynamic_batch() -> None:
    check_export(build_model((5,), Embedding(9, 4), "int64"), torch.randint(9, (7, 5)))


def test_merges_shared_layers_and_several_outputs_are_exported_with_a_dynamic_batch() -> None:
    a, b = Input(2, 6, 6), Input(2, 6, 6)
    conv = Conv2d(3, 3, padding="same", activation="relu", name="shared")
    h = Concatenate()(conv(a) + conv(b), conv(a) - conv(b), conv(a) * conv(b)) * 0.5
    model = Model((a, b), (Linear(2)(GlobalAveragePool2d()(h)), MaxPool2d(2)(h)))
    check_export(model, torch.rand(7, 2, 6, 6), torch.rand(7, 2, 6, 6))


def test_moved_activations_and_means_are_exported_with_a_dynamic_batch() -> None:
    x = Input(4, 8, 8)
    h = Conv2d(2, 1, bias=False)(AvgPool2d(3, 1, "same")(x))
    h = MaxPool2d(2)(Activation("relu")(BatchNorm2d()(h)))
    check_export(Model(x, Flatten()(h)), torch.rand(7, 4, 8, 8))


def test_blocks_are_exported_with_a_dynamic_batch() -> None:
    x, z = Input(1, 4, 4), Input(3)
    encoder = Model(x, Linear(3)(Flatten()(x)), name="encoder")
    decoder = Model(z, Reshape((1, 4, 4))(Linear(16)(z)), name="decoder")
    check_export(Model(x, decoder(encoder(x))), torch.rand(7, 1, 4, 4))


def build_residual_network() -> Model:
    x = Input(3, 9, 10)
    h = Conv2d(4, 3, stride=2, padding="same", activation="leaky_relu(0.2)")(x)
    h = MaxPool2d(2, padding="same")(Activation("relu")(BatchNorm2d()(h + Conv2d(4, 1, stride=2, padding="same")(x))))
    return Model(x, Linear(3, activation="softmax")(Dropout(0.3)(Flatten()(h)))).eval()


@pytest.mark.parametrize("way", ["export", "trace", "compile", "functional_call"])
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore::DeprecationWarning")
def test_a_model_is_an_ordinary_module_to_torch(way: str) -> None:
    model, images = build_residual_network(), torch.rand(4, 3, 9, 10)
    if way == "export":
        other = export(model, images)
    elif way == "trace":
        other = torch.jit.trace(model, images)
    elif way == "compile":
        other = torch.compile(model, backend="eager", fullgraph=True)
    else:
        other = lambda batch: torch.func.functional_call(model, dict(model.state_dict()), (batch,))  # noqa: E731
    expected = model(images)
    torch.testing.assert_close(other(images), expected)
    torch.testing.assert_close(other(images[:2]), expected[:2])


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", [RNN, GRU, LSTM])
def test_recurrent_networks_are_exported_with_dynamic_batch_and_steps(kind, bidirectional: bool) -> None:
    x, lengths = Input(7, 3), Input(dtype="int64", name="lengths")
    h, state = kind(4, bidirectional=bidirectional)(x, lengths)
    parts = state if isinstance(state, tuple) else (state,)
    pools = AttentionPooling()(h, lengths), MeanPooling()(h, lengths), MaxPooling()(h, lengths)
    model = Model((x, lengths), (h, *parts, *pools)).eval()
    batch, steps = torch.export.Dim("batch"), torch.export.Dim("steps")
    example = torch.randn(4, 7, 3), torch.tensor([7, 1, 3, 5])
    with dynamic_steps():
        program = torch.export.export(model, example, dynamic_shapes={"inputs": ({0: batch, 1: steps}, {0: batch})})
    for size, count in ((1, 1), (3, 7), (5, 20)):
        inputs = torch.randn(size, count, 3), torch.randint(1, count + 1, (size,))
        for result, expected in zip(program.module()(*inputs), model(*inputs), strict=True):
            torch.testing.assert_close(result, expected, atol=1e-5, rtol=1e-5)
