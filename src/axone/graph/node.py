"""A value in a network that is being written: what `Input` and every layer call return.

A node knows its shape at once, from a formula (`result_shape.py`) or because the layer's module ran on the meta
device, which computes shapes without numbers and allocates nothing. A shape mismatch is therefore an error at the line
that causes it.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Sequence
from functools import partial
from numbers import Real
from typing import Any, NoReturn

import torch
from torch import nn

from axone.graph.errors import GraphError
from axone.graph.operation import KINDS, Operation
from axone.graph.result_shape import find_result_shape
from axone.messages import _

_serials = itertools.count()


class Node:
    """The symbolic result of a layer, or a symbolic input.

    `shape` has no batch dimension. `parameters` and `flops` are those of the layer for this call.

    Operators with other nodes and with numbers write layers, and so do an index (`h[:, 0]`, where the first dimension
    is the batch), the functions of torch in `functions/registry.py` (`torch.exp(h)`, `F.gelu(h)`), and methods with
    their names (`h.mean(-1)`).
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

    __array_ufunc__ = None  # numpy's arrays and numbers leave the operators to the node
    __iter__ = None  # with an index alone, Python would iterate over the examples of a batch

    def __add__(self, other: Node | float | int) -> Node:
        return _write_operator("add", self, other)

    def __radd__(self, other: float | int) -> Node:
        return _write_operator("add", other, self)

    def __sub__(self, other: Node | float | int) -> Node:
        return _write_operator("sub", self, other)

    def __rsub__(self, other: float | int) -> Node:
        return _write_operator("sub", other, self)

    def __mul__(self, other: Node | float | int) -> Node:
        return _write_operator("mul", self, other)

    def __rmul__(self, other: float | int) -> Node:
        return _write_operator("mul", other, self)

    def __truediv__(self, other: Node | float | int) -> Node:
        return _write_operator("truediv", self, other)

    def __rtruediv__(self, other: float | int) -> Node:
        return _write_operator("truediv", other, self)

    def __pow__(self, other: Node | float | int) -> Node:
        return _write_operator("pow", self, other)

    def __rpow__(self, other: float | int) -> Node:
        return _write_operator("pow", other, self)

    def __floordiv__(self, other: Node | float | int) -> Node:
        return _write_operator("floordiv", self, other)

    def __rfloordiv__(self, other: float | int) -> Node:
        return _write_operator("floordiv", other, self)

    def __mod__(self, other: Node | float | int) -> Node:
        return _write_operator("mod", self, other)

    def __rmod__(self, other: float | int) -> Node:
        return _write_operator("mod", other, self)

    # Comparisons give masks. Nodes are equal only to themselves: torch.eq(a, b) compares their numbers.
    def __lt__(self, other: Node | float | int) -> Node:
        return _write_operator("lt", self, other)

    def __le__(self, other: Node | float | int) -> Node:
        return _write_operator("le", self, other)

    def __gt__(self, other: Node | float | int) -> Node:
        return _write_operator("gt", self, other)

    def __ge__(self, other: Node | float | int) -> Node:
        return _write_operator("ge", self, other)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            _(
                "A node has no truth value: its numbers are known when the model is called. Write "
                "torch.where(condition, a, b), or Apply(function)(node)."
            )
        )

    def __matmul__(self, other: Node) -> Node:
        return _write_operator("matmul", self, other)

    def __neg__(self) -> Node:
        return _write_operator("mul", -1, self)

    def __abs__(self) -> Node:
        return write_function("torch.abs", self)

    def __getitem__(self, index: Any) -> Node:
        kind: Any = KINDS["Index"]
        return apply(kind(index), [self])

    def __getattr__(self, name: str) -> Callable[..., Node]:
        function = KINDS["Function"].find_method(name) if not name.startswith("_") else None  # type: ignore[attr-defined]
        if function is None:
            raise AttributeError(
                _(
                    "A node has no attribute {name}. Write Apply(function)(node) for a function of your own, and "
                    "Apply(module)(node) for a module.",
                    name=name,
                ),
                name=name,
                obj=self,
            )
        return partial(write_function, function, self)

    @classmethod
    def __torch_function__(
        cls, function: Any, _types: Any, arguments: Sequence[Any] = (), options: dict[str, Any] | None = None
    ) -> Node:
        return write_function(function, *arguments, **(options or {}))


def write_function(function: Any, *arguments: Any, **options: Any) -> Node:
    """Write the call of a function of torch. Raises GraphError for a function or an argument that no file can hold."""
    layer, nodes = KINDS["Function"].from_call(function, arguments, options)  # type: ignore[attr-defined]
    return apply(layer, nodes)


def _write_operator(name: str, left: Any, right: Any) -> Node:
    """Write an operator of Python between two nodes, or a node and a number."""
    operands = [left, right]
    if not all(isinstance(each, Node) or (isinstance(each, Real) and not isinstance(each, bool)) for each in operands):
        return NotImplemented
    nodes = [each for each in operands if isinstance(each, Node)]
    merge = {"add": "Add", "sub": "Subtract", "mul": "Multiply"}.get(name)
    if merge and len(nodes) == 2:
        return apply(KINDS[merge](), nodes)
    if name == "mul" and nodes[0].dtype.is_floating_point:
        kind: Any = KINDS["Scale"]
        return apply(kind(next(each for each in operands if not isinstance(each, Node))), nodes)
    return write_function(getattr(operator, name), left, right)


def apply(layer: Operation, inputs: Sequence[object]) -> Node:
    """Apply a layer to nodes and return the node of its result. Raises GraphError where the layer cannot take them."""
    nodes: list[Node] = []
    for node in inputs:
        if not isinstance(node, Node):
            raise GraphError(
                _("{layer} was called on a {type}.", layer=layer.label(), type=type(node).__name__),
                expected=_("expected what Input(...) or another layer returned"),
                hint=_("Call that layer on a node first: {layer}(node).", layer=node.label())
                if isinstance(node, Operation)
                else _("Write the whole network first, then call Model(inputs, outputs) on tensors."),
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
        results = [_compute_on_meta(layer, module, inputs, size) for size in layer.batch_sizes]
    except GraphError:
        raise
    except layer.expected_errors as error:
        raise GraphError(
            _("{layer} does not accept {shapes}.", layer=layer.label(), shapes=_join(shapes)),
            expected=f"{type(error).__name__}: {error}".removeprefix("RuntimeError: ").partition("\n")[0][:300],
        ) from error
    result = results[0]
    if (
        not all(isinstance(each, torch.Tensor) and each.dim() >= 1 for each in results)
        or [each.shape[0] for each in results] != list(layer.batch_sizes)
        or len({each.shape[1:] for each in results}) > 1
        or 0 in result.shape
    ):
        raise GraphError(
            _("{layer} must return one tensor with the batch first and no empty dimension.", layer=layer.label()),
            hint=layer.batch_hint,
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


def _compute_on_meta(layer: Operation, module: nn.Module, inputs: tuple[Node, ...], size: int) -> Any:
    """Return the result of a layer's module for a batch of this size, without its numbers."""
    # The formulas are for modules that were built for these shapes, which a module of the user's own may not be.
    if not layer.is_opaque and all(node.dtype == torch.float32 for node in inputs):
        shape = find_result_shape(module, *(node.shape for node in inputs))
        if shape is not None:
            return torch.empty(size, *shape, device="meta")
    return layer.infer(module, [torch.empty(size, *node.shape, dtype=node.dtype, device="meta") for node in inputs])


def _check_dtype(layer: Operation, inputs: tuple[Node, ...], module: nn.Module) -> None:
    # The meta device accepts integers in a matrix product and fractions as indices, which no other device does.
    if layer.is_opaque or next(module.parameters(), None) is None:
        return
    for node in inputs:
        dtype = str(node.dtype).removeprefix("torch.")
        if node.dtype == torch.bool and layer.takes_masks:
            continue
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
        return layer.build(*shapes)


def _weight_shapes(module: nn.Module) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in module.state_dict().items()}


def _join(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(str(shape) for shape in shapes[:8]) + (", ..." if len(shapes) > 8 else "")
