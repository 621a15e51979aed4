"""How a network is executed: a list of steps, each with the calls to make and the values to free afterwards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple

from torch import Tensor

from axone.graph.activations import Function, find_activation
from axone.graph.record import NodeRecord

Call = tuple[str, ...] | Function  # a submodule's path, or a function without weights


class Step(NamedTuple):
    """The computation of one node. The first call receives the sources, each later one the result before it."""

    sources: tuple[int, ...]
    calls: tuple[Call, ...]
    is_monotonic: bool = False  # the last call is a monotonic activation, which may also follow a maximum
    takes_maximum: bool = False
    takes_mean: bool = False
    mixes_channels: bool = False  # a weighted sum to fewer channels, which may also precede a mean
    reads_results: bool = False  # it receives all results of the step before it, as a tuple (nodes/part.py)
    frees: tuple[int, ...] = ()  # the values that no later step needs


def build_plan(nodes: Sequence[NodeRecord]) -> list[Step]:
    """Return the steps in the order in which the network was written; step i computes node i."""
    index = {node.name: number for number, node in enumerate(nodes)}
    steps = []
    for node in nodes:
        sources = tuple(index[name] for name in node.inputs)
        calls: list[Call] = [] if node.kind == "Input" else [tuple(node.module.split("."))]
        name = getattr(node.layer, "activation", None)
        activation = find_activation(name, node.layer.channels_dim) if name and name != "linear" else None
        if activation and node.kind != "Activation":
            calls.append(activation.function)
        steps.append(
            Step(
                sources,
                tuple(calls),
                is_monotonic=bool(activation and activation.is_monotonic),
                takes_maximum=node.layer.takes_maximum,
                takes_mean=node.layer.takes_mean,
                reads_results=node.layer.reads_results,
                mixes_channels=node.layer.mixes_channels and node.shape[0] < nodes[sources[0]].shape[0],
            )
        )
    return steps


def free_dead_values(steps: Sequence[Step], outputs: Collection[int]) -> list[Step]:
    """Let each step free the values of which it is the last reader, except the outputs."""
    last_reader = {source: number for number, step in enumerate(steps) for source in step.sources}
    frees: dict[int, list[int]] = {}
    for value, reader in last_reader.items():
        if value not in outputs:
            frees.setdefault(reader, []).append(value)
    return [step._replace(frees=tuple(frees.get(number, ()))) for number, step in enumerate(steps)]


def find_required_steps(steps: Sequence[Step], wanted: Iterable[int]) -> set[int]:
    """Return the numbers of the steps that are needed to compute the wanted values."""
    required, waiting = set(wanted), list(wanted)
    while waiting:
        for source in steps[waiting.pop()].sources:
            if source not in required:
                required.add(source)
                waiting.append(source)
    return required


def execute(
    steps: Sequence[Step],
    values: dict[int, Tensor],
    resolve: Callable[[Call], Callable[..., Any]],
    required: Collection[int] | None = None,
) -> dict[int, Tensor]:
    """Run the steps whose value is not in `values` yet, or only the required ones, and return the values not freed.

    `values` holds the inputs and is extended in place. `resolve` returns the function or module of a call. Of a module
    with several results, the first is the step's value, and the steps that select others receive all of them.
    """
    results: dict[int, tuple[Tensor, ...]] = {}
    for number, step in enumerate(steps):
        if number in values or (required is not None and number not in required):
            continue
        arguments: list[Any] = [(results if step.reads_results else values)[source] for source in step.sources]
        for call in step.calls:
            arguments = [resolve(call)(*arguments)]
        if isinstance(arguments[0], tuple):
            results[number] = arguments[0]
        values[number] = results[number][0] if number in results else arguments[0]
        for value in step.frees:
            del values[value]
            results.pop(value, None)
    return values
