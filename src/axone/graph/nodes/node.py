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

from axone.graph.errors import GraphError
from axone.graph.names import suggest_function
from axone.graph.nodes.infer import NO_PARTS, PartShapes, Value, infer_result
from axone.graph.nodes.operation import KINDS, Operation
from axone.messages import _

_serials = itertools.count()


class Node:
    """The symbolic result of a layer, or a symbolic input.

    `shape` has no batch dimension. `parameters` and `flops` are those of the layer for this call, and `parts` are the
    shapes of its further results, by name, where it has several (part.py).

    Operators with other nodes and with numbers write layers, and so do an index (`h[:, 0]`, where the first dimension
    is the batch), the functions of torch in `functions/registry.py` (`torch.exp(h)`, `F.gelu(h)`), and methods with
    their names (`h.mean(-1)`).
    """

    __slots__ = ("dtype", "flops", "inputs", "layer", "parameters", "parts", "serial", "shape")

    def __init__(
        self,
        layer: Operation,
        inputs: tuple[Node, ...],
        shape: tuple[int, ...],
        dtype: torch.dtype,
        parameters: int = 0,
        flops: int = 0,
        parts: PartShapes = NO_PARTS,
    ) -> None:
        self.layer = layer
        self.inputs = inputs
        self.shape = shape
        self.dtype = dtype
        self.parameters = parameters
        self.flops = flops
        self.parts = parts
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
            text = _("A node has no attribute {name}.", name=name) + " " + suggest_function(name)
            raise AttributeError(text, name=name, obj=self)
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
                hint=_("Write output, state = LSTM(...)(x) and use one of them.")
                if isinstance(node, tuple)
                else _("Call that layer on a node first: {layer}(node).", layer=node.label())
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
            hint=_("Write output, state = LSTM(...)(x) and use one of them.")
            if any(node.layer.reads_results for node in nodes)
            else None,
        )
    result = infer_result(layer, [Value(node.shape, node.dtype, node.parts) for node in nodes])
    layer.record_call(tuple(node.shape for node in nodes))
    return Node(layer, tuple(nodes), *result)
