"""A network as a block of another: a Model called on nodes writes its layers again behind them.

    x = Input(1, 28, 28)
    encoder = Model(x, Linear(8)(Flatten()(x)), name="encoder")
    z = Input(8)
    decoder = Model(z, Reshape((1, 28, 28))(Linear(784)(z)), name="decoder")
    both = Model(x, decoder(encoder(x)))       # encoder.linear_1, decoder.linear_1, ...

The weights are the block's own, wherever it is called and however often: training `both` trains `encoder`. Its nodes
stand in the outer network like any others, named after the block, so that every description, file and rewrite
reaches them. A block without a name lends its layers as if they had been written there. For the same layers with
weights of their own each time, write a function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.node import Node
from axone.graph.record import NodeRecord
from axone.messages import _

if TYPE_CHECKING:
    from axone.graph.model import Model


def place(model: Model, given: Sequence[object], twins: dict[str, Layer]) -> tuple[Node, ...]:
    """Write the model's nodes again behind the given ones, and return those of its outputs.

    `twins` keeps the model's layers, as they stand in other networks, from one call to the next. Raises GraphError.
    """
    nodes: dict[str, Node] = {}
    for node in given:
        if not isinstance(node, Node):
            raise GraphError(
                _("A model was called on nodes and on a {type}.", type=type(node).__name__),
                expected=_("expected nodes alone, or tensors alone"),
            )
        nodes[model.input_names[len(nodes)]] = node
    for record in model.nodes:
        if record.kind != "Input":
            if record.module not in twins:
                twins[record.module] = _twin(model, record)
            nodes[record.name] = twins[record.module](*(nodes[name] for name in record.inputs))
    return tuple(nodes[name] for name in model.output_names)


def _twin(model: Model, record: NodeRecord) -> Layer:
    """The record's layer under the name that it has in other networks, with the weights that it has in this one."""
    name = f"{model.name}.{record.module}" if model.name else record.layer.name
    twin = replace(record.layer, name=name)
    object.__setattr__(twin, "_first_shapes", record.layer.first_shapes)
    object.__setattr__(twin, "_borrowed", model.get_submodule(record.module))
    return twin
