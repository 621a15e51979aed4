"""The positions of a drawing's boxes: rows from top to bottom, few crossings, long edges routed around the boxes.

The method of Sugiyama, Tagawa and Toda (1981), in short form: nodes are assigned to rows by depth; an edge that spans
several rows gets a narrow dummy node in each row between; rows are ordered by the mean position of their neighbors;
then each node moves towards its neighbors as far as its row permits. Nothing is random: a network has one drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

GAP = 28.0  # between the boxes of a row
DUMMY_WIDTH = 10.0
MAXIMUM_DUMMIES = 20_000
ORDER_SWEEPS, STRAIGHTEN_SWEEPS = 4, 30


@dataclass
class NodePosition:
    """A box, or the dummy node of a long edge, in a row; x is its center."""

    width: float
    row: int
    x: float = 0.0
    above: list[NodePosition] = field(default_factory=list, repr=False)
    below: list[NodePosition] = field(default_factory=list, repr=False)
    dummy: bool = False


@dataclass
class Layout:
    """Positions by node name, rows of positions, and each edge as the positions that it passes."""

    positions: dict[str, NodePosition]
    rows: list[list[NodePosition]]
    edges: list[list[NodePosition]]
    width: float


def compute_layout(inputs: Mapping[str, Sequence[str]], widths: Mapping[str, float]) -> Layout:
    """Place the nodes. `inputs` maps each node, in order of execution, to those that it reads."""
    row_of = _assign_rows(inputs)
    positions = {name: NodePosition(widths[name], row) for name, row in row_of.items()}
    rows: list[list[NodePosition]] = [[] for _row in range(max(row_of.values()) + 1)]
    for position in positions.values():
        rows[position.row].append(position)
    dummies = sum(row_of[name] - row_of[source] - 1 for name, sources in inputs.items() for source in sources)
    edges = []
    for name, sources in inputs.items():
        for source in sources:
            start, end = positions[source], positions[name]
            edge = [start]
            # In a network of thousands of nodes, edges are straight lines: crossings cannot be read there anyway.
            for number in range(start.row + 1, end.row) if dummies <= MAXIMUM_DUMMIES else ():
                dummy = NodePosition(DUMMY_WIDTH, number, dummy=True)
                rows[number].append(dummy)
                _connect(edge[-1], dummy)
                edge.append(dummy)
            _connect(edge[-1], end)
            edges.append([*edge, end])
    _reduce_crossings(rows)
    _straighten(rows)
    left = min(position.x - position.width / 2 for row in rows for position in row)
    right = max(position.x + position.width / 2 for row in rows for position in row)
    for row in rows:
        for position in row:
            position.x -= left
    return Layout(positions, rows, edges, right - left)


def _assign_rows(inputs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for name, sources in inputs.items():
        rows[name] = 1 + max((rows[source] for source in sources), default=-1)
    # A node moves down where that makes no edges longer: an input is placed just above its first reader.
    readers: dict[str, list[str]] = {name: [] for name in inputs}
    for name, sources in inputs.items():
        for source in sources:
            readers[source].append(name)
    for name in reversed(list(inputs)):
        if readers[name] and len(inputs[name]) <= len(readers[name]):
            rows[name] = min(rows[reader] for reader in readers[name]) - 1
    return rows


def _connect(upper: NodePosition, lower: NodePosition) -> None:
    upper.below.append(lower)
    lower.above.append(upper)


def _reduce_crossings(rows: list[list[NodePosition]]) -> None:
    """Order each row by the mean relative position of its neighbors, alternately from above and from below."""
    relative: dict[int, float] = {}

    def number(row: list[NodePosition]) -> None:
        for index, position in enumerate(row):
            relative[id(position)] = index / max(len(row) - 1, 1)

    def mean(position: NodePosition, neighbors: list[NodePosition]) -> float:
        if not neighbors:
            return relative[id(position)]
        return sum(relative[id(other)] for other in neighbors) / len(neighbors)

    for row in rows:
        number(row)
    for _sweep in range(ORDER_SWEEPS):
        for row in rows[1:]:
            row.sort(key=lambda position: mean(position, position.above))
            number(row)
        for row in rows[-2::-1]:
            row.sort(key=lambda position: mean(position, position.below))
            number(row)


def _straighten(rows: list[list[NodePosition]]) -> None:
    """Reduce the weighted sum of the edges' squared horizontal lengths, row by row; no step can increase it."""
    for row in rows:
        _place_row(row, [(1.0, 0.0)] * len(row))
    for sweep in range(STRAIGHTEN_SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            _place_row(row, [_find_target(position) for position in row])


def _find_target(position: NodePosition) -> tuple[float, float]:
    """Return (weight, x): the weighted mean of the neighbors' positions, and the sum of the weights."""
    targets = [(_edge_weight(other, position), other.x) for other in position.above]
    targets += [(_edge_weight(position, other), other.x) for other in position.below]
    total = sum(weight for weight, _x in targets)
    return (total, sum(weight * x for weight, x in targets) / total) if targets else (1.0, position.x)


def _edge_weight(upper: NodePosition, lower: NodePosition) -> float:
    """Return how important it is that this part of an edge is vertical: most in chains and in long edges."""
    if upper.dummy and lower.dummy:
        return 8.0
    return 6.0 if len(upper.below) == len(lower.above) == 1 and not upper.dummy and not lower.dummy else 1.0


def _place_row(row: list[NodePosition], targets: list[tuple[float, float]]) -> None:
    """Place a row as close to its targets as its order and widths permit (isotonic regression: pool violators)."""
    offsets = [0.0]
    for one, other in pairwise(row):
        offsets.append(offsets[-1] + (one.width + other.width) / 2 + GAP)
    groups: list[tuple[float, float, int]] = []  # weight, mean target, length of a group of adjacent positions
    for (weight, target), offset in zip(targets, offsets):
        group = (weight, target - offset, 1)
        while groups and groups[-1][1] >= group[1]:
            other_weight, other_target, length = groups.pop()
            total = other_weight + group[0]
            group = (total, (other_weight * other_target + group[0] * group[1]) / total, length + group[2])
        groups.append(group)
    starts = [target for _weight, target, length in groups for _position in range(length)]
    for position, start, offset in zip(row, starts, offsets):
        position.x = start + offset
