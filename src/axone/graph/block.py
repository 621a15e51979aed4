"""A network as a block of another: calling a Model on nodes writes its layers again, with the same weights.

    x = Input(1, 28, 28)
    encoder = Model(x, Linear(8)(Flatten()(x)), name="encoder")
    z = Input(8)
    decoder = Model(z, Reshape((1, 28, 28))(Linear(784)(z)), name="decoder")
    autoencoder = Model(x, decoder(encoder(x)))       # encoder.linear_1, decoder.linear_1, ...

The weights are those of the block, however often it is called: training `autoencoder` trains `encoder`. The block's
nodes are ordinary nodes of the outer network, with the block's name as a prefix, so that every description, file and
optimization includes them. The layers of a block without a name get the names that they would get in the outer network.
For the same layers with separate weights each time, write a function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import nn

from axone.graph.nodes.node import Node, apply
from axone.graph.nodes.operation import Operation
from axone.graph.record import NodeRecord


class Block:
    """Writes the nodes of a model into other networks. It keeps the cloned layers from one call to the next."""

    def __init__(self, nodes: Sequence[NodeRecord], name: str | None) -> None:
        self._nodes, self._name = tuple(nodes), name
        self._clones: dict[str, Operation] = {}

    def write(self, model: nn.Module, inputs: Mapping[str, Node]) -> dict[str, Node]:
        """Write the nodes again after `inputs` (by the names of the model's inputs), and return all nodes by name.

        The layers use the submodules of `model`. Raises GraphError where the weights do not fit the inputs.
        """
        nodes = dict(inputs)
        for record in self._nodes:
            if record.kind != "Input":
                if record.module not in self._clones:
                    name = f"{self._name}.{record.module}" if self._name else record.layer.name
                    self._clones[record.module] = record.layer.clone(name, model.get_submodule(record.module))
                nodes[record.name] = apply(self._clones[record.module], [nodes[name] for name in record.inputs])
        return nodes
