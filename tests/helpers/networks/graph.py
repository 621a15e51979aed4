"""Small networks for tests of `axone.graph`: one example of every layer, and ways to run a layer on numbers."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from axone.graph import (
    GRU,
    LSTM,
    RNN,
    Activation,
    AdaptiveAvgPool2d,
    AttentionPooling,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvGRU2d,
    ConvLSTM2d,
    ConvRNN2d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    DepthwiseConv2d,
    Dropout,
    Dropout2d,
    Flatten,
    Function,
    GlobalAveragePool1d,
    GlobalAveragePool2d,
    GlobalAveragePool3d,
    GlobalMaxPool1d,
    GlobalMaxPool2d,
    GlobalMaxPool3d,
    GroupNorm,
    Index,
    Input,
    InstanceNorm2d,
    Layer,
    LayerNorm,
    Linear,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    MaxPooling,
    MeanPooling,
    Model,
    MultiheadAttention,
    Node,
    Permute,
    Reshape,
    Scale,
    Upsample,
    VariationalDropout,
    ZeroPad2d,
)

# Every layer with one input of numbers, in several variants, with the shape of its input.
LAYER_EXAMPLES: list[tuple[tuple[int, ...], Layer]] = [
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
    ((5, 4), RNN(3, 2, False, 0.5, True)),
    ((5, 4), GRU(3, weight_dropout=0.5)),
    ((5, 4), GRU(3, bidirectional=True)),
    ((5, 4), LSTM(3)),
    ((5, 4), LSTM(3, 2, bidirectional=True, precision="float32")),
    ((5, 2, 4, 4), ConvLSTM2d(3)),
    ((5, 2, 4, 4), ConvGRU2d(3, 1)),
    ((5, 2, 4, 4), ConvRNN2d(3)),
    ((5, 4), VariationalDropout(0.3)),
    ((5, 4), MeanPooling()),
    ((5, 4), MaxPooling()),
    ((5, 4), AttentionPooling(3)),
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
    ((5, 8), MultiheadAttention(2, dropout=0.3)),
    ((5, 8), MultiheadAttention(4, bias=False, is_causal=True)),
    ((5, 8), Index(":, 0")),
    ((5, 8), Index("..., 1:-1:2")),
    ((4, 9, 8), Index(":, [0, -1], None, ::2")),
    ((5, 8), Function("operator.truediv", (1, "$0"))),
    ((5, 8), Function("operator.pow", (2.0, "$0"))),
    ((5, 8), Function("torch.clamp", options={"min": 0.25, "max": 0.5})),
    ((5, 8), Function("torch.mean", ("$0", -1), {"keepdim": True})),
    ((5, 8), Function("torch.cat", (("$0", "$0"), 1))),
    ((5, 8), Function("torch.nn.functional.scaled_dot_product_attention", ("$0", "$0", "$0"), {"is_causal": True})),
]


def build_model(shape: tuple[int, ...], layer: Layer, dtype: str = "float32") -> Model:
    """Return the model of one layer; of several results, the first is its output."""
    x = Input(*shape, dtype=dtype)
    result: Node | tuple[Node, ...] = layer(x)
    return Model(x, result if isinstance(result, Node) else result[0])


def run_layer(layer: Layer, batch: torch.Tensor) -> torch.Tensor:
    """Apply a layer to a batch and check the shape that was inferred when it was written."""
    model = build_model(tuple(batch.shape[1:]), layer)
    output = model(batch)
    assert tuple(output.shape[1:]) == model.output_shapes[0]
    return output


def copy_weights(source: nn.Module, target: nn.Module) -> None:
    """Load the weights of one module into another with other names, in order."""
    target.load_state_dict(dict(zip(target.state_dict(), source.state_dict().values(), strict=True)))


def count_flops_with_torch(model: Model) -> int:
    """Return torch's count of FLOPs for one example."""
    with FlopCounterMode(display=False) as counter:
        model(*(torch.rand(1, *shape) for shape in model.input_shapes))
    return counter.get_total_flops()
