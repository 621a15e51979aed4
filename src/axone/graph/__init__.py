"""Networks as graphs: write them with symbolic inputs and layers, get an ordinary torch module.

In the order of the flow: `node` and `layer` (writing), `basic`, `convolution`, `pooling`, `norms`, `merge` (the
layers), `record` (the flat list), `plan` and `rewrite` (execution), `model`, then what describes it: `summary`,
`file`, `draw`.
"""

from __future__ import annotations

from axone.graph.activations import ACTIVATIONS
from axone.graph.basic import Activation, Dropout, Flatten, Input, Linear, Reshape
from axone.graph.convolution import Conv2d
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.merge import Add, Concatenate, Multiply
from axone.graph.model import Model
from axone.graph.node import Node
from axone.graph.norms import BatchNorm1d, BatchNorm2d
from axone.graph.pooling import AvgPool2d, GlobalAveragePool2d, GlobalMaxPool2d, MaxPool2d
from axone.graph.record import NodeRecord

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Add",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Concatenate",
    "Conv2d",
    "Dropout",
    "Flatten",
    "GlobalAveragePool2d",
    "GlobalMaxPool2d",
    "GraphError",
    "Input",
    "Layer",
    "Linear",
    "MaxPool2d",
    "Model",
    "Multiply",
    "Node",
    "NodeRecord",
    "Reshape",
]
