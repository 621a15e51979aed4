"""A value in a network that is being written: what `Input` and every layer call return.

A node knows its shape at once, from a formula (`result_shape.py`) or because the layer's module ran on the meta
device, which computes shapes without numbers and allocates nothing. A shape mismatch is therefore an error at the line
that causes it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from numbers import Real
from typing import Any

import torch
from torch import nn

from axone.graph.errors import GraphError
from axone.graph.operation import KINDS, Operation
from axone.graph.result_shape import find_result_shape
from axone.messages import _

_serials = itertools.count()


class Node:
    """The symbolic result of a layer, or a symbolic input.

    `shape` has no batch dimension. `parameters` and `flops` are those of the layer for this call. `+`, `-`, `*`, `/`
    and unary `-` write the layers Add, Subtract, Multiply and Scale.
    """

    __slots__ = ("dtype", "flops", "inputs", "layer", "parameters", "serial", "shape")

    def __init__(
        self,
        layer: Operation,
        inputs: tuple[Node, ...],
        shape: tuple[int, ...],
        dtype: torch.dtype,
        parameters: int = 0,
        flops: int = 0,
    ) -> None:
        self.layer = layer
        self.inputs = inputs
        self.shape = shape
        self.dtype = dtype
        self.parameters = parameters
        self.flops = flops
        # The order in which nodes are written is an order in which the network can be executed.
        self.serial = next(_serials)

    def __repr__(self) -> str:
        return f"<{self.layer.label()} -> {self.shape}>"

    def __add__(self, other: Node) -> Node:
        return _merge("Add", self, other)

    def __sub__(self, other: Node) -> Node:
        return _merge("Subtract", self, other)

    def __mul__(self, other: Node | float | int) -> Node:
        return self._scale(other) if isinstance(other, Real) else _merge("Multiply", self, other)

    def __rmul__(self, factor: float | int) -> Node:
        return self._scale(factor) if isinstance(factor, Real) else NotImplemented

    def __truediv__(self, divisor: float | int) -> Node:
        return self._scale(1 / divisor) if isinstance(divisor, Real) else NotImplemented

    def __neg__(self) -> Node:
        return self._scale(-1)

    def _scale(self, factor: Any) -> Node:
        kind: Any = KINDS["Scale"]
        return apply(kind(factor), [self])


def _merge(kind: str, left: Node, right: Any) -> Node:
    return apply(KINDS[kind](), [left, right]) if isinstance(right, Node) else NotImplemented


def apply(layer: Operation, inputs: Sequence[object]) -> Node:
    """Apply a layer to nodes and return the node of its result. Raises GraphError where the layer cannot take them."""
    nodes: list[Node] = []
    for node in inputs:
        if not isinstance(node, Node):
            raise GraphError(
                _("{layer} was called on a {type}.", layer=layer.label(), type=type(node).__name__),
                expected=_("expected what Input(...) or another layer returned"),
                hint=_("Write the whole network first, then call Model(inputs, outputs) on tensors."),
            )
        nodes.append(node)
    if len(nodes) < layer.minimum_inputs or (layer.maximum_inputs is not None and len(nodes) > layer.maximum_inputs):
        raise GraphError(
            _("{layer} was called on {count} inputs.", layer=layer.label(), count=len(nodes)),
            expected=_("expected {count}", count=layer.minimum_inputs)
            if layer.minimum_inputs == layer.maximum_inputs
            else _("expected at least {count}", count=layer.minimum_inputs),
        )
    result = _infer(layer, tuple(nodes))
    layer.record_call(tuple(node.shape for node in nodes))
    return result


def _infer(layer: Operation, inputs: tuple[Node, ...]) -> Node:
    """Run the layer on the meta device to find the shape and dtype of its result."""
    shapes = [node.shape for node in inputs]
    try:
        module = _build_on_meta(layer, shapes)
        _check_dtype(layer, inputs, module)
        result = _compute_on_meta(module, inputs)
    except GraphError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError, OverflowError) as error:
        raise GraphError(
            _("{layer} does not accept {shapes}.", layer=layer.label(), shapes=_join(shapes)),
            expected=str(error).partition("\n")[0][:300],
        ) from error
    if not isinstance(result, torch.Tensor) or result.dim() < 2 or result.shape[0] != 2 or 0 in result.shape:
        raise GraphError(
            _("{layer} must return one tensor with the batch first and no empty dimension.", layer=layer.label())
        )
    first = layer.first_shapes
    if first and list(first) != shapes and _weight_shapes(module) != _weight_shapes(_build_on_meta(layer, first)):
        raise GraphError(
            _(
                "{layer} has weights for {first}, which do not fit {shapes}.",
                layer=layer.label(),
                first=_join(first),
                shapes=_join(shapes),
            ),
            hint=_("Write a new layer here, which has weights of its own."),
        )
    shape = tuple(result.shape[1:])
    parameters = sum(parameter.numel() for parameter in module.parameters())
    return Node(layer, inputs, shape, result.dtype, parameters, layer.flops(*shapes, output=shape))


def _compute_on_meta(module: nn.Module, inputs: tuple[Node, ...]) -> Any:
    """Return the result of a module for a batch of two, without its numbers."""
    if all(node.dtype == torch.float32 for node in inputs):
        shape = find_result_shape(module, *(node.shape for node in inputs))
        if shape is not None:
            return torch.empty(2, *shape, device="meta")
    with torch.no_grad():
        return module(*(torch.empty(2, *node.shape, dtype=node.dtype, device="meta") for node in inputs))


def _check_dtype(layer: Operation, inputs: tuple[Node, ...], module: nn.Module) -> None:
    # The meta device accepts integers in a matrix product and fractions as indices, which no other device does.
    if next(module.parameters(), None) is None:
        return
    for node in inputs:
        dtype = str(node.dtype).removeprefix("torch.")
        if layer.takes_indices and node.dtype != torch.int64:
            raise GraphError(
                _("{layer} needs indices, got {dtype}.", layer=layer.label(), dtype=dtype),
                hint=_('Write Input(..., dtype="int64").'),
            )
        if not layer.takes_indices and not node.dtype.is_floating_point:
            raise GraphError(
                _("{layer} needs numbers, got {dtype}.", layer=layer.label(), dtype=dtype),
                hint=_('Write Input(..., dtype="float32"), or put Embedding(...) before it.'),
            )


def _build_on_meta(layer: Operation, shapes: Sequence[tuple[int, ...]]) -> nn.Module:
    with torch.device("meta"):
        return layer.build(*shapes).eval()


def _weight_shapes(module: nn.Module) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in module.state_dict().items()}


def _join(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(str(shape) for shape in shapes[:8]) + (", ..." if len(shapes) > 8 else "")
