"""The receptive field: how many positions of the input one position of a node can depend on.

Each layer says what neighbors in its result see together of the layer before (`Layer.window`); one behind the other,
these give what is seen of the input (Araujo, Norris and Sim, 2019, "Computing receptive fields of convolutional neural
networks", here also for layers that grow). Where branches meet, the widest counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from axone.graph.layers.padding import Sight, Window
from axone.graph.record import NodeRecord

Line = tuple[Sight, ...]  # one dimension on the way from the node (first) to the input
Field = tuple[Line, ...]  # one line for each dimension; none as long as no window slid


def receptive_fields(nodes: Sequence[NodeRecord]) -> dict[str, tuple[int, ...]]:
    """The field of each node that has one, per dimension of positions, borders not cut off.

    A node is left out when no window slid over its input yet, and when it sees the whole input.
    """
    shapes = {node.name: node.shape for node in nodes}
    fields: dict[str, Field | None] = {}
    for node in nodes:
        window = node.layer.window(*(shapes[name] for name in node.inputs)) if node.inputs else ()
        fields[node.name] = _behind([fields[name] for name in node.inputs], window)
    return {name: tuple(_last(line) + 1 for line in field) for name, field in fields.items() if field}


def _behind(before: list[Field | None], window: Window | None) -> Field | None:
    """The field behind a layer that reads such nodes; None: everything."""
    known = [field for field in before if field is not None]
    if window is None or len(known) < len(before):
        return None
    counts = {len(each) for each in (*known, window) if each}
    if len(counts) > 1:  # a layer that takes other dimensions for positions than the one before
        return None
    count = max(counts, default=0)
    branches = [field or ((),) * count for field in known]
    widest = [max(lines, key=lambda line: (_last(line), _last(line, 1000))) for lines in zip(*branches)]
    return tuple(_joined(sight, line) for sight, line in zip(window, widest)) if window else tuple(widest)


def _last(line: Line, neighbors: int = 0) -> int:
    """How far behind the first position of the input the last one stands that so many further neighbors see."""
    for step, reach, grain in line:
        neighbors = (step * neighbors + reach) // grain
    return neighbors


def _joined(new: Sight, line: Line) -> Line:
    """One more layer at the node's end, made one with the layer before it where rounding allows."""
    if not line:
        return (new,)
    first, *rest = line
    if new.grain == 1:
        return Sight(first.step * new.step, first.step * new.reach + first.reach, first.grain), *rest
    if first.step == 1:
        return Sight(new.step, new.reach + first.reach * new.grain, first.grain * new.grain), *rest
    return new, *line
