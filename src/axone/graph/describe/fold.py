"""A network block by block: what a drawing shows when the nodes of a block become one box.

Blocks are read off the names: "layer1.0.conv1" stands in the block "layer1.0", which stands in "layer1". Nodes without
a block belong to one when they lie on a path between two of its nodes, when they finish it (the sum of its result and
its input, the activation of that), or when they prepare for it alone what it reads anyway. Where a node on such a path
has a block of its own, the block around it stays open: boxes, like nodes, never depend on each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from axone.graph.record import NodeRecord

MOST_NODES = 1_000  # larger networks have no such view: nobody opens their blocks one by one

Path = tuple[str, ...]
Names = dict[str, None]  # in order and without repetition
Wires = dict[str, Names]  # what each reads


@dataclass(frozen=True)
class Item:
    """One box: a node, a block with all its nodes, or, in the view of a block, a node outside that it reads."""

    name: str
    nodes: tuple[NodeRecord, ...]
    inputs: tuple[str, ...]
    block: bool = False
    outside: bool = False

    @property
    def last(self) -> NodeRecord:
        """The node whose result the box gives on: the last one."""
        return self.nodes[-1]


def views(nodes: Sequence[NodeRecord]) -> dict[str, list[Item]]:
    """The items of the whole network (under the name "") and of each block, in an order of execution.

    Empty where nothing can be folded.
    """
    found: dict[str, list[Item]] = {}
    if len(nodes) > MOST_NODES:
        return found
    paths = _paths(nodes)
    waiting: list[tuple[Path, list[NodeRecord]]] = [((), list(nodes))]
    while waiting:
        path, members = waiting.pop(0)
        items = _view(path, members, nodes, paths)
        found[".".join(path)] = items
        waiting += [((*path, item.name.rpartition(".")[2]), list(item.nodes)) for item in items if item.block]
    return found if len(found) > 1 else {}


def _paths(nodes: Sequence[NodeRecord]) -> dict[str, Path]:
    """The blocks around each node, outermost first. The second call of a whole block is a block of its own: "a:2"."""
    stems: dict[tuple[Path, str], set[str]] = {}
    split = {}
    for node in nodes:
        stem, _colon, call = node.name.partition(":")
        groups = tuple(stem.split(".")[:-1])
        split[node.name] = groups, call
        for length in range(1, len(groups) + 1):
            stems.setdefault((groups[:length], call), set()).add(stem)
    paths = {}
    for name, (groups, call) in split.items():
        paths[name] = groups
        for length in range(1, len(groups) + 1) if call else ():
            if stems[groups[:length], call] == stems.get((groups[:length], "")):
                again = f"{groups[length - 1]}:{call}"
                paths[name] = (*groups[: length - 1], again, *groups[length:])
                break
    return paths


def _view(path: Path, members: list[NodeRecord], nodes: Sequence[NodeRecord], paths: Mapping[str, Path]) -> list[Item]:
    own = {node.name: node for node in members}
    depth = len(path)
    blocks: dict[str, list[str]] = {}
    for name in own:
        # A node that lies on a path through this block may have its name elsewhere.
        if len(paths[name]) > depth and paths[name][:depth] == path:
            blocks.setdefault(".".join(paths[name][: depth + 1]), []).append(name)
    blocks = {block: names for block, names in blocks.items() if 1 < len(names) < len(own) and block not in paths}
    folding = _Folding(own, {name for names in blocks.values() for name in names})
    for block, names in blocks.items():
        if folding.join(block, names):
            folding.complete(block)
    inside: dict[str, list[NodeRecord]] = {}
    for name, node in own.items():
        inside.setdefault(folding.home[name], []).append(node)
    joined = folding.wires()
    outside = {source for node in members for source in node.inputs if source not in own}
    for name, node in own.items():
        joined[folding.home[name]] |= dict.fromkeys(source for source in node.inputs if source in outside)
    items = [Item(node.name, (node,), (), outside=True) for node in nodes if node.name in outside]
    order = [key for key in TopologicalSorter(joined).static_order() if key not in outside]
    return items + [Item(key, tuple(inside[key]), tuple(joined[key]), key in folding.blocks) for key in order]


class _Folding:
    """Which box each node of a view is in; a node that is in no block is its own."""

    def __init__(self, nodes: Mapping[str, NodeRecord], named: set[str]) -> None:
        self.nodes = nodes
        self.named = named  # nodes whose name puts them into a block, so that no other may take them
        self.home = {name: name for name in nodes}
        self.blocks: set[str] = set()

    def wires(self) -> Wires:
        """What each box reads of the others."""
        joined: Wires = {home: {} for home in self.home.values()}
        for name, node in self.nodes.items():
            home = self.home[name]
            joined[home] |= {self.home[source]: None for source in node.inputs if source in self.home}
            joined[home].pop(home, None)
        return joined

    def join(self, block: str, names: Iterable[str]) -> bool:
        """Put these nodes, and what lies on paths between them, into a block; False where that cannot be."""
        wires = self.wires()
        ends = {self.home[name] for name in names}
        between = _reached(wires, ends) & _reached(_turned(wires), ends) - ends
        if not between.isdisjoint(self.named | self.blocks):
            return False
        self.home |= dict.fromkeys([*names, *between], block)
        self.blocks.add(block)
        return True

    def complete(self, block: str) -> None:
        """Add the nodes that finish the block or prepare for it alone."""
        while grown := self._next(block, self.wires()):
            if not self.join(block, [*(name for name, home in self.home.items() if home == block), *grown]):
                return

    def _next(self, block: str, wires: Wires) -> Names:
        """Loose nodes that belong to the block, or none."""
        readers, sources = _turned(wires), wires[block]
        for name in readers[block]:
            if self._is_loose(name) and self.nodes[name].layer.pointwise:
                # It finishes the block if its other branches begin there too, or where the block begins.
                found, waiting = {name: None}, list(wires[name])
                while waiting:
                    source = waiting.pop()
                    if source != block and source not in sources and source not in found:
                        if not self._is_loose(source):
                            break
                        found[source] = None
                        waiting += wires[source]
                else:
                    return found
        for name in sources:
            if self._is_loose(name) and list(readers[name]) == [block] and wires[name].keys() <= sources.keys():
                return {name: None}
        return {}

    def _is_loose(self, name: str) -> bool:
        """Whether it is a node that no block has, and that has no weights to be known by."""
        return (
            name in self.nodes
            and self.home[name] == name
            and name not in self.named
            and self.nodes[name].kind != "Input"
            and not self.nodes[name].weights
        )


def _turned(wires: Wires) -> Wires:
    """Who reads each."""
    readers: Wires = {name: {} for name in wires}
    for name, sources in wires.items():
        for source in sources:
            readers[source][name] = None
    return readers


def _reached(wires: Wires, starts: Iterable[str]) -> set[str]:
    found = set(starts)
    waiting = list(found)
    while waiting:
        for name in wires[waiting.pop()]:
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found
