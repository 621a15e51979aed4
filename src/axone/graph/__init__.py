"""Networks as graphs: write them with symbolic inputs and layers, get an ordinary torch module.

In the order of the flow: `node` and `layer` (writing); the layers, `basic`, `form`, `convolution` with `depthwise`,
`transposed` and `pooling` (on the arithmetic of `padding`), `norms`, `recurrent`, `embedding`, `merge`; `record` (the
flat list), `plan` and `rewrite` (execution), `model`, `block` (a model within another); then what describes it:
`summary` with `receptive`, `draw` with `layout` and `fold`, `file`, `source`.
"""

from __future__ import annotations

from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.layers.activations import ACTIVATIONS
from axone.graph.layers.basic import Activation, Dropout, Dropout2d, Input, Linear
from axone.graph.layers.convolution import Conv1d, Conv2d, Conv3d, DepthwiseConv2d
from axone.graph.layers.embedding import Embedding
from axone.graph.layers.merge import Add, Concatenate, Multiply, Scale, Subtract
from axone.graph.layers.norms import BatchNorm1d, BatchNorm2d, BatchNorm3d, GroupNorm, InstanceNorm2d, LayerNorm
from axone.graph.layers.pooling import (
    AdaptiveAvgPool2d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    GlobalAveragePool1d,
    GlobalAveragePool2d,
    GlobalAveragePool3d,
    GlobalMaxPool1d,
    GlobalMaxPool2d,
    GlobalMaxPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from axone.graph.layers.recurrent import GRU, LSTM, RNN
from axone.graph.layers.shape import Flatten, Permute, Reshape, Upsample, ZeroPad2d
from axone.graph.layers.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from axone.graph.model import Model
from axone.graph.node import Node
from axone.graph.record import NodeRecord

__all__ = [
    "ACTIVATIONS",
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "AdaptiveAvgPool2d",
    "Add",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Concatenate",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "DepthwiseConv2d",
    "Dropout",
    "Dropout2d",
    "Embedding",
    "Flatten",
    "GlobalAveragePool1d",
    "GlobalAveragePool2d",
    "GlobalAveragePool3d",
    "GlobalMaxPool1d",
    "GlobalMaxPool2d",
    "GlobalMaxPool3d",
    "GraphError",
    "GroupNorm",
    "Input",
    "InstanceNorm2d",
    "Layer",
    "LayerNorm",
    "Linear",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "Model",
    "Multiply",
    "Node",
    "NodeRecord",
    "Permute",
    "Reshape",
    "Scale",
    "Subtract",
    "Upsample",
    "ZeroPad2d",
]
