"""Networks as graphs: write a network by calling layers on symbolic inputs, and get an ordinary torch module.

A layer takes torch.nn's arguments without the input sizes, which follow from the layer before it. A node knows its
shape at once, so that a mismatch is an error at the line that causes it:

>>> from axone.graph import Conv2d, Flatten, Input, Linear, MaxPool2d, Model
>>> x = Input(1, 28, 28)
>>> h = MaxPool2d(2)(Conv2d(8, 3, activation="relu")(x))
>>> h.shape
(8, 13, 13)
>>> model = Model(x, Linear(10, name="head")(Flatten()(h)))
>>> print(model.summary())
name          layer                            output shape  parameters   FLOPs  receptive field  from
--------------------------------------------------------------------------------------------------------------
input_1       Input(1, 28, 28)                 1 x 28 x 28            0       0
conv2d_1      Conv2d(8, 3, activation='relu')  8 x 26 x 26           80  97.3 k  3 x 3            input_1
max_pool2d_1  MaxPool2d(2)                     8 x 13 x 13            0       0  4 x 4            conv2d_1
flatten_1     Flatten()                        1352                   0       0                   max_pool2d_1
head          Linear(10)                       10                13,530    27 k                   flatten_1
--------------------------------------------------------------------------------------------------------------
13,610 parameters, 124 kFLOPs per example

A `Model` is trained, compiled, exported, copied and saved like any other module; its submodules and state_dict keys
have the names of the nodes:

>>> import torch
>>> model(torch.zeros(5, 1, 28, 28)).shape
torch.Size([5, 10])
>>> list(model.state_dict())
['conv2d_1.weight', 'conv2d_1.bias', 'head.weight', 'head.bias']

Any acyclic graph can be written: nodes are combined with operators, indexed as tensors are, passed to functions of
torch, and joined with `Concatenate`; `Apply` makes a layer of any module or function; a layer that is called twice
shares its weights, and so do two models over the same nodes; a model that is called on nodes is a block of a larger
network. Several inputs and outputs are sequences or dicts of nodes:

>>> left, right = Input(4), Input(4)
>>> branch = Linear(3)
>>> difference = Model((left, right), branch(left) - branch(right))
>>> difference.parameter_count
15

`model.activations(x, names)` returns the outputs of chosen nodes, `draw()` an SVG drawing, `to_json()` and
`from_json()` convert the network to plain data and back, and `to_source()` writes it as a file of plain PyTorch. A new
layer is a short subclass of `Layer`.

The files, in the order of use: `padding` and `activations` (functions of layers), `nodes/` (writing: a layer's
declaration, its call, the node that it returns), `layers/` (the layers), `functions/` (operators, functions, indices,
code of your own), `record` (the flat list of nodes), `plan` and `optimize_plan` (execution), `block`, `structure`,
`model`, and `describe/` (summary, drawing, file, source).
"""

from __future__ import annotations

import opcode
import sys
from typing import TYPE_CHECKING, Any

from torch import nn

from axone.graph.activations import ACTIVATIONS
from axone.graph.errors import GraphError
from axone.graph.functions.apply import Apply
from axone.graph.functions.function import Function
from axone.graph.functions.indexing import Index
from axone.graph.layers.attention import MultiheadAttention
from axone.graph.layers.basic import Activation, Dropout, Dropout2d, Input, Linear
from axone.graph.layers.convolution.convolution import Conv1d, Conv2d, Conv3d, DepthwiseConv2d
from axone.graph.layers.convolution.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
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
from axone.graph.layers.recurrent.convolutional import ConvGRU2d, ConvLSTM2d, ConvRNN2d
from axone.graph.layers.recurrent.recurrent import GRU, LSTM, RECURRENT_LAYERS, RNN
from axone.graph.layers.shape import Flatten, Permute, Reshape, Upsample, ZeroPad2d
from axone.graph.layers.steps import AttentionPooling, MaxPooling, MeanPooling, VariationalDropout, ZeroPadding
from axone.graph.model import Model
from axone.graph.names import suggest_layer
from axone.graph.nodes.layer import Layer
from axone.graph.nodes.node import Node
from axone.graph.nodes.part import Part
from axone.graph.record import NodeRecord
from axone.messages import _

__all__ = [
    "ACTIVATIONS",
    "GRU",
    "LSTM",
    "RECURRENT_LAYERS",
    "RNN",
    "Activation",
    "AdaptiveAvgPool2d",
    "Add",
    "Apply",
    "AttentionPooling",
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
    "ConvGRU2d",
    "ConvLSTM2d",
    "ConvRNN2d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "DepthwiseConv2d",
    "Dropout",
    "Dropout2d",
    "Embedding",
    "Flatten",
    "Function",
    "GlobalAveragePool1d",
    "GlobalAveragePool2d",
    "GlobalAveragePool3d",
    "GlobalMaxPool1d",
    "GlobalMaxPool2d",
    "GlobalMaxPool3d",
    "GraphError",
    "GroupNorm",
    "Index",
    "Input",
    "InstanceNorm2d",
    "Layer",
    "LayerNorm",
    "Linear",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxPooling",
    "MeanPooling",
    "Model",
    "MultiheadAttention",
    "Multiply",
    "Node",
    "NodeRecord",
    "Part",
    "Permute",
    "Reshape",
    "Scale",
    "Subtract",
    "Upsample",
    "VariationalDropout",
    "ZeroPad2d",
    "ZeroPadding",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Raise an error that says what to write instead of a name of Keras, of torch.nn, or with a mistake."""
        message, hint = _("axone.graph has no {name}.", name=name), None
        if name[:1].isalpha():
            hint = suggest_layer(name, __all__)
            if hint is None and hasattr(nn, name):
                hint = _("Write {name}.", name=f"Apply(nn.{name}(...))")
        message = "\n".join([message, *([hint] if hint else [])])
        caller = sys._getframe(1)
        if caller.f_code.co_code[caller.f_lasti] == opcode.opmap["IMPORT_FROM"]:
            # `from axone.graph import NAME` replaces the text of an AttributeError by one of its own.
            raise ImportError(message)
        raise AttributeError(message)
