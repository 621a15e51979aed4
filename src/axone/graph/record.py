"""A network as a flat list: one record per node, in an order in which it can be executed.

Everything that describes or executes a network (summary, file, drawing, plan) reads this list. It is flat, with names
for edges, so that a deep network can be copied and pickled without deep recursion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from torch import nn

from axone.graph.errors import GraphError
from axone.graph.nodes.node import Node
from axone.graph.nodes.operation import Operation
from axone.messages import _


@dataclass(frozen=True)
class NodeRecord:
    """One node of a network.

    `shape` is without the batch, `flops` for one example. `weights` is the number of the layer's parameters. Where the
    layer is shared with an earlier node, `shared` is that node's name and `parameters` is 0, so that sums count each
    weight once.
    """

    name: str
    layer: Operation
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    weights: int
    flops: int
    shared: str | None = None

    @property
    def parameters(self) -> int:
        """The number of weights that this node adds to the network."""
        return 0 if self.shared else self.weights

    @property
    def kind(self) -> str:
        """The name of the layer's class: Conv2d."""
        return self.layer.kind

    @property
    def module(self) -> str:
        """The name of the submodule that computes this node."""
        return self.shared or self.name


def record_nodes(inputs: tuple[Node, ...], outputs: tuple[Node, ...]) -> tuple[list[NodeRecord], dict[Node, str]]:
    """Name and list all nodes between inputs and outputs; return the list and the name of each node.

    Raises GraphError if an output depends on another input, an input is unused, or two names clash.
    """
    used = find_ancestors(outputs)
    ordered = sorted(used, key=lambda node: node.serial)
    _check_inputs(inputs, ordered)
    names = dict(_name_nodes(ordered))
    _check_groups({names[node] for node in ordered if node.layer.kind != "Input"})
    first_use: dict[Operation | nn.Module, str] = {}
    records = []
    for node in ordered:
        shared = first_use.get(node.layer.weights_key)
        first_use.setdefault(node.layer.weights_key, names[node])
        sources = tuple(names[source] for source in node.inputs)
        records.append(NodeRecord(names[node], node.layer, sources, node.shape, node.parameters, node.flops, shared))
    return records, names


def find_ancestors(outputs: Iterable[Node]) -> set[Node]:
    """Return all nodes from which the outputs are computed, including the outputs."""
    ancestors, waiting = set(outputs), list(outputs)
    while waiting:
        for node in waiting.pop().inputs:
            if node not in ancestors:
                ancestors.add(node)
                waiting.append(node)
    return ancestors


def _check_inputs(inputs: tuple[Node, ...], used: list[Node]) -> None:
    for node in used:
        if node.layer.kind == "Input" and node not in inputs:
            raise GraphError(
                _("An output depends on {layer}, which is not an input of the model.", layer=node.layer.label()),
                hint=_("Write Model((a, b), y) with every input."),
            )
    for node in inputs:
        if node.layer.kind != "Input":
            raise GraphError(
                _("A model begins with Input(...), not with {layer}.", layer=node.layer.label()),
                hint=_("Write Input{shape} there.", shape=node.shape),
            )
        if node not in used:
            raise GraphError(_("{layer} is an input that no output uses.", layer=node.layer.label()))
        if inputs.count(node) > 1:
            raise GraphError(_("{layer} appears twice among the inputs.", layer=node.layer.label()))


def _name_nodes(ordered: list[Node]) -> Iterator[tuple[Node, str]]:
    """Keep explicit names; number the others by kind: conv2d_1. The second node of a layer is NAME:2."""
    taken: dict[str, Operation] = {}
    for node in ordered:
        name = node.layer.name
        if name and taken.setdefault(name, node.layer) is not node.layer:
            raise GraphError(
                _('Two layers are named "{name}": {one} and {other}.', name=name, one=taken[name], other=node.layer),
                hint=_("Give one of them (or its Model) another name, or call one layer twice to share its weights."),
            )
    numbers: dict[str, int] = {}
    uses: dict[Operation | nn.Module, int] = {}
    named: dict[Operation | nn.Module, str] = {}
    for node in ordered:
        layer, key = node.layer, node.layer.weights_key
        if key not in named:
            stem = layer.stem
            while layer.name is None:
                numbers[stem] = numbers.get(stem, 0) + 1
                if f"{stem}_{numbers[stem]}" not in taken:
                    break
            named[key] = layer.name or f"{stem}_{numbers[stem]}"
        uses[key] = uses.get(key, 0) + 1
        yield node, named[key] if uses[key] == 1 else f"{named[key]}:{uses[key]}"


def _check_groups(names: set[str]) -> None:
    """Raise GraphError where a name is both a layer and the prefix of another layer's name."""
    for name in names:
        parts = name.split(".")
        for length in range(1, len(parts)):
            group = ".".join(parts[:length])
            if group in names:
                raise GraphError(
                    _('"{group}" is a layer and cannot also contain "{name}".', group=group, name=name),
                    hint=_("Rename one of them."),
                )
