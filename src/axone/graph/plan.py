"""How a network is executed: a list of steps, each with the calls to make and the values it may then forget."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from axone.graph.layers.activations import Function, activation
from axone.graph.record import NodeRecord

Call = tuple[str, ...] | Function  # a submodule's path, or a function without weights


class Step(NamedTuple):
    """The work of one node. The first call takes the sources, each later one what the call before returned."""

    sources: tuple[int, ...]
    calls: tuple[Call, ...]
    is_monotonic: bool = False  # so its last call does: it may be taken after a maximum
    takes_maximum: bool = False
    takes_mean: bool = False
    mixes_channels: bool = False  # it makes fewer channels of many, and may do so before a mean
    forget: tuple[int, ...] = ()  # values that no later step needs


def written(nodes: Sequence[NodeRecord]) -> list[Step]:
    """The steps in the order and the way the network was written; step i makes the value of node i."""
    index = {node.name: number for number, node in enumerate(nodes)}
    steps = []
    for node in nodes:
        sources = tuple(index[name] for name in node.inputs)
        calls: list[Call] = [] if node.kind == "Input" else [tuple(node.module.split("."))]
        text = getattr(node.layer, "activation", None)
        chosen = activation(text, node.layer.channels_dim) if text and text != "linear" else None
        if chosen and node.kind != "Activation":
            calls.append(chosen.function)
        steps.append(
            Step(
                sources,
                tuple(calls),
                is_monotonic=bool(chosen and chosen.is_monotonic),
                takes_maximum=node.layer.takes_maximum,
                takes_mean=node.layer.takes_mean,
                mixes_channels=node.layer.mixes_channels and node.shape[0] < nodes[sources[0]].shape[0],
            )
        )
    return steps


def with_forgetting(steps: Sequence[Step], kept: Collection[int]) -> list[Step]:
    """Let each step drop the values of which it is the last reader, except those kept."""
    last = {source: number for number, step in enumerate(steps) for source in step.sources}
    forget: dict[int, list[int]] = {}
    for value, reader in last.items():
        if value not in kept:
            forget.setdefault(reader, []).append(value)
    return [step._replace(forget=tuple(forget.get(number, ()))) for number, step in enumerate(steps)]


def needed(steps: Sequence[Step], wanted: Iterable[int]) -> set[int]:
    """The steps without which the wanted values cannot be had."""
    found, waiting = set(wanted), list(wanted)
    while waiting:
        for source in steps[waiting.pop()].sources:
            if source not in found:
                found.add(source)
                waiting.append(source)
    return found
