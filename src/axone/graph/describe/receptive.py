"""The receptive field: how many positions of the input one position of a node can depend on.

Each layer says which of its input positions neighboring output positions depend on (`Operation.window`). Composed along
the network, these give the dependence on the network's input (Araujo, Norris and Sim, 2019, "Computing receptive
fields of convolutional neural networks", here also for layers that upsample). Where branches meet, the largest counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from axone.graph.padding import ReceptiveWindow, WindowGeometry
from axone.graph.record import NodeRecord

Chain = tuple[WindowGeometry, ...]  # one dimension, from the node (first) to the network's input
Field = tuple[Chain, ...]  # one chain per spatial dimension; () before the first window


def compute_receptive_fields(nodes: Sequence[NodeRecord]) -> dict[str, tuple[int, ...]]:
    """Return the receptive field of each node that has one, per spatial dimension, ignoring the input's borders.

    A node has none before the first window, and where it depends on the whole input.
    """
    shapes = {node.name: node.shape for node in nodes}
    fields: dict[str, Field | None] = {}
    for node in nodes:
        window = node.layer.window(*(shapes[name] for name in node.inputs)) if node.inputs else ()
        fields[node.name] = _compose([fields[name] for name in node.inputs], window)
    return {name: tuple(_extent(chain) + 1 for chain in field) for name, field in fields.items() if field}


def _compose(inputs: list[Field | None], window: ReceptiveWindow | None) -> Field | None:
    """Return the field of a node from those of its inputs and its layer's window; None: the whole input."""
    known = [field for field in inputs if field is not None]
    if window is None or len(known) < len(inputs):
        return None
    counts = {len(each) for each in (*known, window) if each}
    if len(counts) > 1:  # the layer has other spatial dimensions than the one before it
        return None
    count = max(counts, default=0)
    branches = [field or ((),) * count for field in known]
    # The last criterion distinguishes branches with the same extent and different strides.
    largest = [max(chains, key=lambda chain: (_extent(chain), _extent(chain, 1000))) for chains in zip(*branches)]
    return tuple(_prepend(step, chain) for step, chain in zip(window, largest)) if window else tuple(largest)


def _extent(chain: Chain, neighbors: int = 0) -> int:
    """Return the distance from the first to the last input position that neighbors + 1 adjacent positions depend on."""
    for stride, extent, upsampling in chain:
        neighbors = (stride * neighbors + extent) // upsampling
    return neighbors


def _prepend(new: WindowGeometry, chain: Chain) -> Chain:
    """Add a layer at the node's end, combined with the layer before it where rounding permits."""
    if not chain:
        return (new,)
    first, *rest = chain
    if new.upsampling == 1:
        stride, extent = first.stride * new.stride, first.stride * new.extent + first.extent
        return WindowGeometry(stride, extent, first.upsampling), *rest
    if first.stride == 1:
        extent = new.extent + first.extent * new.upsampling
        return WindowGeometry(new.stride, extent, first.upsampling * new.upsampling), *rest
    return new, *chain
