"""A network as JSON data, and back. Nothing in a file is executed: layer classes are looked up by name in Axone's own
registry, and each argument passes the same checks as when it is typed.

    {"format": "axone.graph", "version": 2, "inputs": ["input_1"], "outputs": "linear_1",
     "nodes": [{"name": "input_1", "kind": "Input", "arguments": {"shape": [4], "dtype": "float32"}},
               {"name": "linear_1", "kind": "Linear", "arguments": {...}, "inputs": ["input_1"]}]}

A node that shares the weights of an earlier one has "shared", the name of that node, instead of arguments. "name" is
present if the network has a name. The nodes of blocks are listed like all others, with their full names. "inputs" and
"outputs" of a model that was written with a dict are objects from its keys to the nodes' names.

Version 2 added nodes of kind "Part", which are further results of the node that they read. Files of version 1 are
read, too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from axone.errors import closest
from axone.graph.errors import GraphError
from axone.graph.layers.basic import Input
from axone.graph.nodes.node import Node, apply
from axone.graph.nodes.operation import KINDS, Operation
from axone.graph.record import NodeRecord, find_ancestors
from axone.graph.structure import Nodes, Structure, flatten_nodes
from axone.messages import _
from axone.numbers import format_number

FORMAT, VERSION = "axone.graph", 2
READABLE = (1, 2)
MAXIMUM_NODES = 10_000
MAXIMUM_PARAMETERS = 1_000_000_000
MAXIMUM_NUMBERS = 1_000_000_000  # in one node's result, for one example
NETWORK_KEYS = {"format", "version", "name", "inputs", "outputs", "nodes"}
NODE_KEYS = {"name", "kind", "arguments", "inputs", "shared", "shape", "parameters", "flops"}


def write(
    nodes: Sequence[NodeRecord], inputs: Structure, outputs: Structure, name: str | None = None
) -> dict[str, Any]:
    """Return the network as plain data, which `json.dumps` accepts. Raises GraphError for code of the user's own."""
    entries = []
    for node in nodes:
        entry: dict[str, Any] = {"name": node.name, "kind": node.kind}
        if node.shared:
            entry["shared"] = node.shared
        else:
            entry["arguments"] = node.layer.arguments()
        if node.inputs:
            entry["inputs"] = list(node.inputs)
        # Information for readers (a report, a page); `read` computes it anew.
        entry |= {"shape": list(node.shape), "parameters": node.parameters, "flops": node.flops}
        entries.append(entry)
    head = {"format": FORMAT, "version": VERSION, **({"name": name} if name else {})}
    input_names = list(inputs.names) if inputs.single else inputs.to_json()
    return {**head, "inputs": input_names, "outputs": outputs.to_json(), "nodes": entries}


def read(data: Mapping[str, Any]) -> tuple[Nodes, Nodes, str | None]:
    """Build the nodes again and return the network's inputs, outputs and name. Raises GraphError for invalid data."""
    if not isinstance(data, Mapping):
        raise _invalid(_("a network is an object"), data)
    _check_keys(data, NETWORK_KEYS, _("the network"))
    if data.get("format") != FORMAT or data.get("version") not in READABLE:
        raise GraphError(
            _("This is not a network that this version reads."),
            expected=_('expected "format": "{format}", "version": {version}', format=FORMAT, version=VERSION),
        )
    entries = data.get("nodes")
    if not isinstance(entries, list | tuple) or not 1 <= len(entries) <= MAXIMUM_NODES:
        raise GraphError(
            _("The network's nodes are not a list of reasonable length."),
            expected=_("expected 1 to {most} nodes", most=format_number(MAXIMUM_NODES)),
        )
    nodes = _read_nodes(entries)
    inputs, outputs = (_read_structure(data.get(key), nodes) for key in ("inputs", "outputs"))
    used = find_ancestors(flatten_nodes(outputs)[0])
    for name, node in nodes.items():
        if node not in used:
            raise GraphError(_("No output of the network uses node {name}.", name=name))
    return inputs, outputs, data.get("name")


def _read_structure(names: Any, nodes: Mapping[str, Node]) -> Nodes:
    """Return the nodes with these names: one name, a list, or an object from keys to names."""
    values = list(names.values()) if isinstance(names, Mapping) else [names] if isinstance(names, str) else names
    several = [nodes[name] for name in _check_sources(values, nodes, _("the network"))]
    if isinstance(names, Mapping):
        return dict(zip(names, several))
    return several[0] if isinstance(names, str) else tuple(several)


def _read_nodes(entries: Sequence[Any]) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    uses: dict[Operation, int] = {}
    total = 0
    for entry in entries:
        name, node = _read_node(entry, nodes, uses)
        nodes[name] = node
        uses[node.layer] = uses.get(node.layer, 0) + 1
        total += 0 if "shared" in entry else node.parameters
        if total > MAXIMUM_PARAMETERS or math.prod(node.shape) > MAXIMUM_NUMBERS:
            raise GraphError(
                _("The network is too large at node {name}.", name=name),
                expected=_(
                    "expected at most {most} parameters, and numbers in one result",
                    most=format_number(MAXIMUM_PARAMETERS),
                ),
            )
    return nodes


def _read_node(entry: Any, nodes: Mapping[str, Node], uses: Mapping[Operation, int]) -> tuple[str, Node]:
    if not isinstance(entry, Mapping):
        raise _invalid(_("a node is an object"), entry)
    name, kind = entry.get("name"), entry.get("kind")
    if not isinstance(name, str) or not isinstance(kind, str) or len(name) > 220:
        raise _invalid(_("a node has a name and a kind"), entry)
    _check_keys(entry, NODE_KEYS, name)
    if name in nodes:
        raise GraphError(_("Two nodes are named {name}.", name=name))
    if "shared" in entry:
        layer = _find_shared_layer(entry, name, nodes, uses)
    else:
        arguments = _read_arguments(entry)
        if kind == "Input":
            return name, _read_input(entry, name, arguments)
        if kind not in KINDS:
            near = closest(kind, KINDS) if len(kind) < 100 else None
            raise GraphError(
                _("There is no layer named {kind} (node {name}).", kind=kind[:100], name=name),
                hint=_("Did you mean {name}?", name=near) if near else None,
            )
        _check_keys(arguments, {item.name for item in fields(KINDS[kind])}, name)
        layer = KINDS[kind](**arguments, name=name)
    return name, apply(layer, [nodes[source] for source in _check_sources(entry.get("inputs"), nodes, name)])


def _read_arguments(entry: Mapping[str, Any]) -> dict[str, Any]:
    arguments = entry.get("arguments")
    if not isinstance(arguments, Mapping) or not all(isinstance(key, str) for key in arguments):
        raise _invalid(_("a node's arguments are an object"), entry)
    values = dict(arguments)
    if values.pop("name", None) is not None:
        raise _invalid(_("a node's name is not among its arguments"), entry)
    return values


def _read_input(entry: Mapping[str, Any], name: str, arguments: Mapping[str, Any]) -> Node:
    _check_keys(arguments, {"shape", "dtype"}, name)
    shape = arguments.get("shape")
    if entry.get("inputs") or not isinstance(shape, list | tuple):
        raise _invalid(_("an input has a shape and no inputs"), entry)
    return Input(*shape, dtype=arguments.get("dtype", "float32"), name=name)


def _find_shared_layer(
    entry: Mapping[str, Any], name: str, nodes: Mapping[str, Node], uses: Mapping[Operation, int]
) -> Operation:
    owner = entry["shared"]
    first = nodes.get(owner) if isinstance(owner, str) else None
    prefix, _colon, count = name.rpartition(":")
    if "arguments" in entry or first is None or first.layer.name != owner or first.layer.kind != entry["kind"]:
        raise _invalid(_("a shared node names an earlier node of its kind"), entry)
    if prefix != owner or count != str(uses[first.layer] + 1) or not first.inputs:
        raise _invalid(_("a layer's later nodes are named NAME:2, NAME:3 and so on"), entry)
    return first.layer


def _check_sources(names: Any, nodes: Mapping[str, Node], reader: str) -> list[str]:
    """Return the names that a node reads; raise GraphError unless they are a list of earlier nodes."""
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        raise GraphError(_("The inputs of {node} are not a list of names.", node=reader))
    for name in names:
        if name not in nodes:
            raise GraphError(
                _("{node} reads {name}, which does not come before it.", node=reader, name=name[:220]),
                expected=_("expected nodes in an order without cycles, each after those that it reads"),
            )
    return list(names)


def _check_keys(data: Mapping[str, Any], known: set[str], owner: str) -> None:
    for key in data:
        if key not in known:
            raise GraphError(
                _("{node} has an unknown entry {key}.", node=owner, key=repr(key)[:100]),
                expected=_("expected one of {names}", names=", ".join(sorted(known))),
            )


def _invalid(expected: str, data: Any) -> GraphError:
    text = repr(data)
    return GraphError(
        _("The network cannot be read: {given}.", given=text if len(text) <= 100 else text[:97] + "..."),
        expected=_("expected: {what}", what=expected),
    )
