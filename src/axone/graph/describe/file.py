"""A network as JSON data, and back. Nothing in a file is executed: kinds are looked up in our own registry, and
each argument passes the checks that it passes when typed.

    {"format": "axone.graph", "version": 1, "inputs": ["input_1"], "outputs": "linear_1",
     "nodes": [{"name": "input_1", "kind": "Input", "arguments": {"shape": [4], "dtype": "float32"}},
               {"name": "linear_1", "kind": "Linear", "arguments": {...}, "inputs": ["input_1"]}]}

A node that shares the weights of an earlier one has "shared": that one's name, instead of arguments. "name" is
there where the network has one. Blocks need nothing of their own: their nodes stand in the list, by their full names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from axone.errors import closest
from axone.graph.errors import GraphError
from axone.graph.layer import KINDS, Layer
from axone.graph.layers.basic import Input
from axone.graph.node import Node
from axone.graph.record import NodeRecord, ancestors
from axone.messages import _
from axone.numbers import number

FORMAT, VERSION = "axone.graph", 1
MOST_NODES = 10_000
MOST_PARAMETERS = 1_000_000_000
MOST_NUMBERS = 1_000_000_000  # in one node's result, for one example


def write(
    nodes: Sequence[NodeRecord], inputs: Sequence[str], outputs: str | Sequence[str], name: str | None = None
) -> dict[str, Any]:
    """The network as plain data, which `json.dumps` takes."""
    written = []
    for node in nodes:
        entry: dict[str, Any] = {"name": node.name, "kind": node.kind}
        if node.shared:
            entry["shared"] = node.shared
        else:
            entry["arguments"] = node.layer.arguments()
        if node.inputs:
            entry["inputs"] = list(node.inputs)
        # What follows is for readers (a report, a page); reading the network works it out anew.
        entry |= {"shape": list(node.shape), "parameters": node.parameters, "flops": node.flops}
        written.append(entry)
    ends = outputs if isinstance(outputs, str) else list(outputs)
    head = {"format": FORMAT, "version": VERSION, **({"name": name} if name else {})}
    return {**head, "inputs": list(inputs), "outputs": ends, "nodes": written}


def read(data: Mapping[str, Any]) -> tuple[tuple[Node, ...], Node | tuple[Node, ...], str | None]:
    """Write the network again, and return its inputs, outputs and name. Raises GraphError for anything unexpected."""
    if not isinstance(data, Mapping):
        raise _bad(_("a network is an object"), data)
    _only(data, {"format", "version", "name", "inputs", "outputs", "nodes"}, _("the network"))
    if data.get("format") != FORMAT or data.get("version") != VERSION:
        raise GraphError(
            _("This is not a network that this version reads."),
            expected=_('expected "format": "{format}", "version": {version}', format=FORMAT, version=VERSION),
        )
    entries = data.get("nodes")
    if not isinstance(entries, list | tuple) or not 1 <= len(entries) <= MOST_NODES:
        raise GraphError(
            _("The network's nodes are not a list of reasonable length."),
            expected=_("expected 1 to {most} nodes", most=number(MOST_NODES)),
        )
    nodes: dict[str, Node] = {}
    uses: dict[Layer, int] = {}
    total = 0
    for entry in entries:
        name, node = _node(entry, nodes, uses)
        nodes[name] = node
        uses[node.layer] = uses.get(node.layer, 0) + 1
        total += 0 if "shared" in entry else node.parameters
        if total > MOST_PARAMETERS or math.prod(node.shape) > MOST_NUMBERS:
            raise GraphError(
                _("The network is absurdly large at node {name}.", name=name),
                expected=_(
                    "expected at most {most} parameters, and numbers in one result", most=number(MOST_PARAMETERS)
                ),
            )
    inputs = tuple(nodes[name] for name in _wires(data.get("inputs"), nodes, _("the network")))
    outputs = data.get("outputs")
    single = isinstance(outputs, str)
    ends = tuple(nodes[name] for name in _wires([outputs] if single else outputs, nodes, _("the network")))
    used = ancestors(ends)
    for name, node in nodes.items():
        if node not in used:
            raise GraphError(_("No output of the network uses node {name}.", name=name))
    return inputs, ends[0] if single else ends, data.get("name")


def _node(entry: Any, nodes: Mapping[str, Node], uses: Mapping[Layer, int]) -> tuple[str, Node]:
    if not isinstance(entry, Mapping):
        raise _bad(_("a node is an object"), entry)
    name, kind = entry.get("name"), entry.get("kind")
    if not isinstance(name, str) or not isinstance(kind, str) or len(name) > 220:
        raise _bad(_("a node has a name and a kind"), entry)
    _only(entry, {"name", "kind", "arguments", "inputs", "shared", "shape", "parameters", "flops"}, name)
    if name in nodes:
        raise GraphError(_("Two nodes are named {name}.", name=name))
    if "shared" in entry:
        layer = _shared(entry, name, nodes, uses)
        return name, layer([nodes[each] for each in _wires(entry.get("inputs"), nodes, name)])
    arguments = entry.get("arguments")
    if not isinstance(arguments, Mapping) or not all(isinstance(key, str) for key in arguments):
        raise _bad(_("a node's arguments are an object"), entry)
    values = dict(arguments)
    if values.pop("name", None) is not None:
        raise _bad(_("a node's name is not among its arguments"), entry)
    if kind == "Input":
        _only(values, {"shape", "dtype"}, name)
        size = values.get("shape")
        if entry.get("inputs") or not isinstance(size, list | tuple):
            raise _bad(_("an input has a shape and no inputs"), entry)
        return name, Input(*size, dtype=values.get("dtype", "float32"), name=name)
    if kind not in KINDS:
        near = closest(kind, KINDS) if len(kind) < 100 else None
        raise GraphError(
            _("There is no layer named {kind} (node {name}).", kind=kind[:100], name=name),
            hint=_("Did you mean {name}?", name=near) if near else None,
        )
    _only(values, {item.name for item in fields(KINDS[kind])}, name)
    layer = KINDS[kind](**values, name=name)
    return name, layer([nodes[each] for each in _wires(entry.get("inputs"), nodes, name)])


def _shared(entry: Mapping[str, Any], name: str, nodes: Mapping[str, Node], uses: Mapping[Layer, int]) -> Layer:
    owner = entry["shared"]
    first = nodes.get(owner) if isinstance(owner, str) else None
    prefix, _colon, number = name.rpartition(":")
    if "arguments" in entry or first is None or first.layer.name != owner or first.layer.kind != entry["kind"]:
        raise _bad(_("a shared node names an earlier node of its kind"), entry)
    if prefix != owner or number != str(uses[first.layer] + 1) or not first.inputs:
        raise _bad(_("a layer's later nodes are named NAME:2, NAME:3 and so on"), entry)
    return first.layer


def _wires(names: Any, nodes: Mapping[str, Node], where: str) -> list[str]:
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        raise GraphError(_("The wires of {node} are not a list of names.", node=where))
    for name in names:
        if name not in nodes:
            raise GraphError(
                _("{node} reads {name}, which does not come before it.", node=where, name=name[:220]),
                expected=_("expected nodes in an order without cycles, each after those that it reads"),
            )
    return list(names)


def _only(data: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise GraphError(
                _("{node} has an unknown entry {key}.", node=where, key=repr(key)[:100]),
                expected=_("expected one of {names}", names=", ".join(sorted(known))),
            )


def _bad(expected: str, given: Any) -> GraphError:
    shown = repr(given)
    return GraphError(
        _("The network cannot be read: {given}.", given=shown if len(shown) <= 100 else shown[:97] + "..."),
        expected=_("expected: {what}", what=expected),
    )
