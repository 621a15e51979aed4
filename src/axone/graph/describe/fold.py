"""A network block by block: the views of a drawing in which all nodes of a block are one box.

Blocks follow from the names: "layer1.0.conv1" belongs to the block "layer1.0", which belongs to "layer1". A node
without a block joins one if it lies on a path between two of its nodes, if it completes the block (the sum of its
result and its input, the activation of that sum), or if it prepares an input for this block only. Where a node on such
a path belongs to another block, the surrounding block is not folded: boxes, like nodes, never form a cycle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from axone.graph.record import NodeRecord

MAXIMUM_NODES = 1_000  # larger networks have no views: opening their blocks one by one is not practical

Path = tuple[str, ...]
Names = dict[str, None]  # an ordered set
Edges = dict[str, Names]  # each name with those that it reads


@dataclass(frozen=True)
class Item:
    """One box: a node, a block with all its nodes, or, in the view of a block, an outside node that the block reads."""

    name: str
    nodes: tuple[NodeRecord, ...]
    inputs: tuple[str, ...]
    block: bool = False
    outside: bool = False

    @property
    def last(self) -> NodeRecord:
        """The node whose result the box returns."""
        return self.nodes[-1]


def build_views(nodes: Sequence[NodeRecord]) -> dict[str, list[Item]]:
    """Return the items of the whole network (under the name "") and of each block, in an order of execution.

    The result is empty where there is no block.
    """
    views: dict[str, list[Item]] = {}
    if len(nodes) > MAXIMUM_NODES:
        return views
    paths = _block_paths(nodes)
    waiting: list[tuple[Path, list[NodeRecord]]] = [((), list(nodes))]
    while waiting:
        path, members = waiting.pop(0)
        items = _build_view(path, members, nodes, paths)
        views[".".join(path)] = items
        waiting += [((*path, item.name.rpartition(".")[2]), list(item.nodes)) for item in items if item.block]
    return views if len(views) > 1 else {}


def _block_paths(nodes: Sequence[NodeRecord]) -> dict[str, Path]:
    """Return the blocks around each node, outermost first. The second call of a whole block is a block "a:2"."""
    stems: dict[tuple[Path, str], set[str]] = {}
    parts = {}
    for node in nodes:
        stem, _colon, call = node.name.partition(":")
        groups = tuple(stem.split(".")[:-1])
        parts[node.name] = groups, call
        for length in range(1, len(groups) + 1):
            stems.setdefault((groups[:length], call), set()).add(stem)
    paths = {}
    for name, (groups, call) in parts.items():
        paths[name] = groups
        for length in range(1, len(groups) + 1) if call else ():
            if stems[groups[:length], call] == stems.get((groups[:length], "")):
                repeated = f"{groups[length - 1]}:{call}"
                paths[name] = (*groups[: length - 1], repeated, *groups[length:])
                break
    return paths


def _build_view(
    path: Path, members: list[NodeRecord], nodes: Sequence[NodeRecord], paths: Mapping[str, Path]
) -> list[Item]:
    own = {node.name: node for node in members}
    depth = len(path)
    blocks: dict[str, list[str]] = {}
    for name in own:
        # A node that joined this block because of its edges may have the name of another block.
        if len(paths[name]) > depth and paths[name][:depth] == path:
            blocks.setdefault(".".join(paths[name][: depth + 1]), []).append(name)
    blocks = {block: names for block, names in blocks.items() if 1 < len(names) < len(own) and block not in paths}
    folding = _Folding(own, {name for names in blocks.values() for name in names})
    for block, names in blocks.items():
        if folding.join(block, names):
            folding.complete(block)
    inside: dict[str, list[NodeRecord]] = {}
    for name, node in own.items():
        inside.setdefault(folding.box[name], []).append(node)
    edges = folding.edges()
    outside = {source for node in members for source in node.inputs if source not in own}
    for name, node in own.items():
        edges[folding.box[name]] |= dict.fromkeys(source for source in node.inputs if source in outside)
    items = [Item(node.name, (node,), (), outside=True) for node in nodes if node.name in outside]
    order = [key for key in TopologicalSorter(edges).static_order() if key not in outside]
    return items + [Item(key, tuple(inside[key]), tuple(edges[key]), key in folding.blocks) for key in order]


class _Folding:
    """The box of each node of a view. A node that belongs to no block is its own box."""

    def __init__(self, nodes: Mapping[str, NodeRecord], named: set[str]) -> None:
        self.nodes = nodes
        self.named = named  # the nodes whose names put them in a block, so that no other block may absorb them
        self.box = {name: name for name in nodes}
        self.blocks: set[str] = set()

    def edges(self) -> Edges:
        """Return the other boxes that each box reads."""
        edges: Edges = {box: {} for box in self.box.values()}
        for name, node in self.nodes.items():
            box = self.box[name]
            edges[box] |= {self.box[source]: None for source in node.inputs if source in self.box}
            edges[box].pop(box, None)
        return edges

    def join(self, block: str, names: Iterable[str]) -> bool:
        """Put these nodes, and those on paths between them, in a block. Return False where that is impossible."""
        edges = self.edges()
        ends = {self.box[name] for name in names}
        between = _find_reachable(edges, ends) & _find_reachable(_reverse(edges), ends) - ends
        if not between.isdisjoint(self.named | self.blocks):
            return False
        self.box |= dict.fromkeys([*names, *between], block)
        self.blocks.add(block)
        return True

    def complete(self, block: str) -> None:
        """Add the nodes that complete the block or prepare an input for it only."""
        while added := self._find_next(block, self.edges()):
            if not self.join(block, [*(name for name, box in self.box.items() if box == block), *added]):
                return

    def _find_next(self, block: str, edges: Edges) -> Names:
        """Return free nodes that belong to the block, or none."""
        readers, sources = _reverse(edges), edges[block]
        for name in readers[block]:
            if self._is_free(name) and self.nodes[name].layer.pointwise:
                # It completes the block if its other inputs are computed from the block or from the block's inputs.
                group, waiting = {name: None}, list(edges[name])
                while waiting:
                    source = waiting.pop()
                    if source != block and source not in sources and source not in group:
                        if not self._is_free(source):
                            break
                        group[source] = None
                        waiting += edges[source]
                else:
                    return group
        for name in sources:
            if self._is_free(name) and list(readers[name]) == [block] and edges[name].keys() <= sources.keys():
                return {name: None}
        return {}

    def _is_free(self, name: str) -> bool:
        """Whether the box is a single node without weights that is neither an input nor part of a block."""
        return (
            name in self.nodes
            and self.box[name] == name
            and name not in self.named
            and self.nodes[name].kind != "Input"
            and not self.nodes[name].weights
        )


def _reverse(edges: Edges) -> Edges:
    """Return each name with those that read it."""
    readers: Edges = {name: {} for name in edges}
    for name, sources in edges.items():
        for source in sources:
            readers[source][name] = None
    return readers


def _find_reachable(edges: Edges, starts: Iterable[str]) -> set[str]:
    reachable = set(starts)
    waiting = list(reachable)
    while waiting:
        for name in edges[waiting.pop()]:
            if name not in reachable:
                reachable.add(name)
                waiting.append(name)
    return reachable
