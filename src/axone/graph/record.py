"""A written network as a flat list: one record per node, in an order in which it can be executed.

Everything that describes a network (summary, file, drawing, plan) reads this list. It is flat, with names
for wires, so that a deep network copies and pickles without deep recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from torch import nn

from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.node import Node
from axone.messages import _


@dataclass(frozen=True)
class NodeRecord:
    """One node of a network.

    `shape` is without the batch, `flops` for one example. `weights` is the number of the layer's parameters,
    which `parameters` counts once: it is 0 where the layer is shared with an earlier node, then named in `shared`.
    """

    name: str
    layer: Layer
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    weights: int
    flops: int
    shared: str | None = None

    @property
    def parameters(self) -> int:
        """The number of weights that this node brings in."""
        return 0 if self.shared else self.weights

    @property
    def kind(self) -> str:
        """The layer's type: Conv2d."""
        return self.layer.kind

    @property
    def module(self) -> str:
        """The name of the submodule that does the work."""
        return self.shared or self.name


def records(inputs: tuple[Node, ...], outputs: tuple[Node, ...]) -> tuple[list[NodeRecord], dict[Node, str]]:
    """Name and list all nodes between inputs and outputs; also say which name each node got.

    Raises GraphError when an output depends on an input that is not given, an input is not used, or two names clash.
    """
    used = ancestors(outputs)
    order = sorted(used, key=lambda node: node.serial)
    for node in order:
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
            raise GraphError(_("{layer} is given twice as an input.", layer=node.layer.label()))
    names = dict(_names(order))
    _refuse_clashes({names[node] for node in order if node.layer.kind != "Input"})
    first: dict[Layer | nn.Module, str] = {}
    found = []
    for node in order:
        shared = first.get(node.layer.identity)
        first.setdefault(node.layer.identity, names[node])
        found.append(
            NodeRecord(
                names[node],
                node.layer,
                tuple(names[each] for each in node.inputs),
                node.shape,
                node.parameters,
                node.flops,
                shared,
            )
        )
    return found, names


def ancestors(outputs: Iterable[Node]) -> set[Node]:
    """All nodes from which the outputs are computed, themselves included."""
    found, waiting = set(outputs), list(outputs)
    while waiting:
        for node in waiting.pop().inputs:
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found


def _names(order: list[Node]) -> Iterator[tuple[Node, str]]:
    """Explicit names as they are; others by kind and number: conv2d_1. A layer's second node is NAME:2."""
    taken: dict[str, Layer] = {}
    for node in order:
        name = node.layer.name
        if name and taken.setdefault(name, node.layer) is not node.layer:
            raise GraphError(
                _('Two layers are named "{name}": {one} and {other}.', name=name, one=taken[name], other=node.layer),
                hint=_("Give one of them (or its Model) another name, or call one layer twice to share its weights."),
            )
    numbers: dict[str, int] = {}
    uses: dict[Layer | nn.Module, int] = {}
    named: dict[Layer | nn.Module, str] = {}
    for node in order:
        layer, key = node.layer, node.layer.identity
        if key not in named:
            stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", layer.kind).lower()
            while layer.name is None:
                numbers[stem] = numbers.get(stem, 0) + 1
                if f"{stem}_{numbers[stem]}" not in taken:
                    break
            named[key] = layer.name or f"{stem}_{numbers[stem]}"
        uses[key] = uses.get(key, 0) + 1
        yield node, named[key] if uses[key] == 1 else f"{named[key]}:{uses[key]}"


def _refuse_clashes(names: set[str]) -> None:
    for name in names:
        parts = name.split(".")
        for length in range(1, len(parts)):
            group = ".".join(parts[:length])
            if group in names:
                raise GraphError(
                    _('"{group}" is a layer and cannot also hold "{name}".', group=group, name=name),
                    hint=_("Rename one of them."),
                )
