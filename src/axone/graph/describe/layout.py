"""Where each node of a drawing stands: rows from top to bottom, few crossings, long wires around the boxes.

The method of Sugiyama, Tagawa and Toda (1981), kept short: a row per depth; a wire that spans rows passes through
a small place of its own in each; rows ordered by the mean position of their neighbors; then each place
moved towards its neighbors as far as the row lets it. No randomness: the same network, the same drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

GAP = 28.0  # between boxes of a row
WIRE = 10.0  # the width of the place through which a long wire passes
MOST_PLACES = 20_000


@dataclass
class NodePosition:
    """A box, or the passage of a long wire, in a row; x is its center."""

    width: float
    row: int
    x: float = 0.0
    above: list[NodePosition] = field(default_factory=list, repr=False)
    below: list[NodePosition] = field(default_factory=list, repr=False)
    wire: bool = False


@dataclass
class Layout:
    """Places by node name, rows of places, and each wire as the places it goes through."""

    places: dict[str, NodePosition]
    rows: list[list[NodePosition]]
    wires: list[list[NodePosition]]
    width: float


def layout(wires: Mapping[str, Sequence[str]], widths: Mapping[str, float]) -> Layout:
    """Place the nodes. `wires` maps each node, in order of execution, to those that it reads."""
    rows_of = _depths(wires)
    places = {name: NodePosition(widths[name], row) for name, row in rows_of.items()}
    rows: list[list[NodePosition]] = [[] for _row in range(max(rows_of.values()) + 1)]
    for place in places.values():
        rows[place.row].append(place)
    spans = sum(rows_of[name] - rows_of[source] - 1 for name, sources in wires.items() for source in sources)
    lines = []
    for name, sources in wires.items():
        for source in sources:
            start, end = places[source], places[name]
            line = [start]
            # A network of thousands of nodes gets straight wires: nobody reads its crossings.
            for depth in range(start.row + 1, end.row) if spans <= MOST_PLACES else ():
                passage = NodePosition(WIRE, depth, wire=True)
                rows[depth].append(passage)
                _join(line[-1], passage)
                line.append(passage)
            _join(line[-1], end)
            lines.append([*line, end])
    _order(rows)
    _settle(rows)
    left = min(place.x - place.width / 2 for row in rows for place in row)
    right = max(place.x + place.width / 2 for row in rows for place in row)
    for row in rows:
        for place in row:
            place.x -= left
    return Layout(places, rows, lines, right - left)


def _depths(wires: Mapping[str, Sequence[str]]) -> dict[str, int]:
    depth: dict[str, int] = {}
    for name, sources in wires.items():
        depth[name] = 1 + max((depth[source] for source in sources), default=-1)
    # What can stand lower without longer wires does: an input stands just above its first reader, not at the top.
    readers: dict[str, list[str]] = {name: [] for name in wires}
    for name, sources in wires.items():
        for source in sources:
            readers[source].append(name)
    for name in reversed(list(wires)):
        if readers[name] and len(wires[name]) <= len(readers[name]):
            depth[name] = min(depth[other] for other in readers[name]) - 1
    return depth


def _join(upper: NodePosition, lower: NodePosition) -> None:
    upper.below.append(lower)
    lower.above.append(upper)


def _order(rows: list[list[NodePosition]]) -> None:
    position: dict[int, float] = {}

    def number(row: list[NodePosition]) -> None:
        for index, place in enumerate(row):
            position[id(place)] = index / max(len(row) - 1, 1)

    def mean(place: NodePosition, neighbors: list[NodePosition]) -> float:
        if not neighbors:
            return position[id(place)]
        return sum(position[id(other)] for other in neighbors) / len(neighbors)

    for row in rows:
        number(row)
    for _sweep in range(4):
        for row in rows[1:]:
            row.sort(key=lambda place: mean(place, place.above))
            number(row)
        for row in rows[-2::-1]:
            row.sort(key=lambda place: mean(place, place.below))
            number(row)


def _settle(rows: list[list[NodePosition]]) -> None:
    """Shorten the sum of the wires' squared slants, row by row; each step can only lower it."""
    for row in rows:
        _spread(row, [(1.0, 0.0)] * len(row))
    for sweep in range(30):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            _spread(row, [_wish(place) for place in row])


def _wish(place: NodePosition) -> tuple[float, float]:
    """(weight, x): where a place would like to be, in the mean of its neighbors, and how much."""
    pulls = [(_pull(other, place), other.x) for other in place.above]
    pulls += [(_pull(place, other), other.x) for other in place.below]
    total = sum(weight for weight, _x in pulls)
    return (total, sum(weight * x for weight, x in pulls) / total) if pulls else (1.0, place.x)


def _pull(upper: NodePosition, lower: NodePosition) -> float:
    """How much a piece of wire wants to be vertical: most in a chain, and where a long wire passes by."""
    if upper.wire and lower.wire:
        return 8.0
    return 6.0 if len(upper.below) == len(lower.above) == 1 and not upper.wire and not lower.wire else 1.0


def _spread(row: list[NodePosition], wishes: list[tuple[float, float]]) -> None:
    """Place a row as near to its wishes as its order and widths allow (least squares, by pooling violators)."""
    offsets = [0.0]
    for one, other in pairwise(row):
        offsets.append(offsets[-1] + (one.width + other.width) / 2 + GAP)
    blocks: list[tuple[float, float, int]] = []  # weight, mean wish, length: places that touch each other
    for (weight, wish), offset in zip(wishes, offsets):
        block = (weight, wish - offset, 1)
        while blocks and blocks[-1][1] >= block[1]:
            other_weight, other_wish, length = blocks.pop()
            total = other_weight + block[0]
            block = (total, (other_weight * other_wish + block[0] * block[1]) / total, length + block[2])
        blocks.append(block)
    starts = [wish for _weight, wish, length in blocks for _place in range(length)]
    for place, start, offset in zip(row, starts, offsets):
        place.x = start + offset
