"""A place in a network while it is being written: what `Input` and every layer call return.

A node knows its shape at once, because the layer's module ran there on the meta device: shapes and no
numbers, nothing allocated. A mismatch is therefore an error at the line that makes it.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import torch

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

    def __mul__(self, other: Node) -> Node:
        return _merge("Multiply", self, other)


def _merge(kind: str, left: Node, right: Any) -> Node:
    if not isinstance(right, Node):
        return NotImplemented
    from axone.graph.layer import KINDS  # the merging layers are themselves written with nodes

    return KINDS[kind]()(left, right)


def infer(layer: Layer, inputs: tuple[Node, ...]) -> Node:
    """Find what a layer makes of these inputs. Raises GraphError when it cannot take them."""
    shapes = [node.shape for node in inputs]
    built_for = layer.first_shapes or tuple(shapes)
    try:
        with torch.device("meta"):
            module = layer.build(*built_for).eval()
        with torch.no_grad():
            result = module(*(torch.empty(2, *node.shape, dtype=node.dtype, device="meta") for node in inputs))
    except GraphError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError, OverflowError) as error:
        shown = ", ".join(str(shape) for shape in shapes)
        if layer.first_shapes and tuple(shapes) != layer.first_shapes:
            raise GraphError(
                _(
                    "{layer} already works on {first}: its shared weights do not fit {shapes}.",
                    layer=layer.label(),
                    first=", ".join(str(shape) for shape in layer.first_shapes),
                    shapes=shown,
                ),
                hint=_("Write a new layer here, which has weights of its own."),
            ) from error
        raise GraphError(
            _("{layer} does not accept {shapes}.", layer=layer.label(), shapes=shown),
            expected=str(error).partition("\n")[0][:300],
        ) from error
    if not isinstance(result, torch.Tensor) or result.dim() < 2 or result.shape[0] != 2 or 0 in result.shape:
        raise GraphError(
            _("{layer} must return one tensor with the batch first and no empty dimension.", layer=layer.label())
        )
    shape = tuple(result.shape[1:])
    parameters = sum(parameter.numel() for parameter in module.parameters())
    return Node(layer, inputs, shape, result.dtype, parameters, layer.flops(*shapes, output=shape))
