"""A place in a network while it is being written: what `Input` and every layer call return.

A node knows its shape at once, because the layer's module ran there on the meta device: shapes and no
numbers, nothing allocated. A mismatch is therefore an error at the line that makes it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from axone.graph.errors import GraphError
from axone.messages import _

if TYPE_CHECKING:
    from axone.graph.layer import Layer

_serials = itertools.count()


class Node:
    """The result of a layer, or an input, whose numbers are not there yet.

    `shape` has no batch dimension. `parameters` and `flops` belong to the layer's work here.
    """

    __slots__ = ("dtype", "flops", "inputs", "layer", "parameters", "serial", "shape")

    def __init__(
        self,
        layer: Layer,
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
        # The order of writing is an order in which the network can be executed.
        self.serial = next(_serials)

    def __repr__(self) -> str:
        return f"<{self.layer.label()} -> {self.shape}>"

    def __add__(self, other: Node) -> Node:
        return _merge("Add", self, other)

    def __sub__(self, other: Node) -> Node:
        return _merge("Subtract", self, other)

    def __mul__(self, other: Node | float | int) -> Node:
        return self._scaled(other) if isinstance(other, Real) else _merge("Multiply", self, other)

    def __rmul__(self, factor: float | int) -> Node:
        return self._scaled(factor) if isinstance(factor, Real) else NotImplemented

    def __truediv__(self, divisor: float | int) -> Node:
        return self._scaled(1 / divisor) if isinstance(divisor, Real) else NotImplemented

    def __neg__(self) -> Node:
        return self._scaled(-1)

    def _scaled(self, factor: Any) -> Node:
        return _layers()["Scale"](factor)(self)


def _merge(kind: str, left: Node, right: Any) -> Node:
    return _layers()[kind]()(left, right) if isinstance(right, Node) else NotImplemented


def _layers() -> dict[str, Any]:
    from axone.graph.layer import KINDS  # the layers are themselves written with nodes

    return KINDS


def infer(layer: Layer, inputs: tuple[Node, ...]) -> Node:
    """Find what a layer makes of these inputs. Raises GraphError when it cannot take them."""
    shapes = [node.shape for node in inputs]
    try:
        module = _without_numbers(layer, shapes)
        _require_dtype(layer, inputs, module)
        with torch.no_grad():
            result = module(*(torch.empty(2, *node.shape, dtype=node.dtype, device="meta") for node in inputs))
    except GraphError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError, OverflowError) as error:
        raise GraphError(
            _("{layer} does not accept {shapes}.", layer=layer.label(), shapes=_listed(shapes)),
            expected=str(error).partition("\n")[0][:300],
        ) from error
    if not isinstance(result, torch.Tensor) or result.dim() < 2 or result.shape[0] != 2 or 0 in result.shape:
        raise GraphError(
            _("{layer} must return one tensor with the batch first and no empty dimension.", layer=layer.label())
        )
    first = layer.first_shapes
    if first and list(first) != shapes and _weights(module) != _weights(_without_numbers(layer, first)):
        raise GraphError(
            _(
                "{layer} already works on {first}: its shared weights do not fit {shapes}.",
                layer=layer.label(),
                first=_listed(first),
                shapes=_listed(shapes),
            ),
            hint=_("Write a new layer here, which has weights of its own."),
        )
    shape = tuple(result.shape[1:])
    parameters = sum(parameter.numel() for parameter in module.parameters())
    return Node(layer, inputs, shape, result.dtype, parameters, layer.flops(*shapes, output=shape))


def _require_dtype(layer: Layer, inputs: tuple[Node, ...], module: nn.Module) -> None:
    # The meta device multiplies whole numbers with weights and looks up fractions, which no other device does.
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


def _without_numbers(layer: Layer, shapes: Sequence[tuple[int, ...]]) -> nn.Module:
    with torch.device("meta"):
        return layer.build(*shapes).eval()


def _weights(module: nn.Module) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in module.state_dict().items()}


def _listed(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(str(shape) for shape in shapes[:8]) + (", ..." if len(shapes) > 8 else "")
