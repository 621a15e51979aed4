"""Modules and functions of the user's own as layers: `Apply(nn.PReLU())(h)`, `Apply(my_function)(a, b)`.

A module is used as it is: its weights are those that the model trains. A function must compute its result from its
arguments alone, with operations of torch. The shape of the result is found on the meta device, or, where the code
needs numbers, with zeros. A file cannot hold such code, so `to_json` refuses it; `to_source` writes a module of
torch.nn whose arguments can be read from it, and a module that has a method `source`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from axone.graph.errors import GraphError
from axone.graph.functions.function import Function
from axone.graph.functions.registry import NAMES
from axone.graph.nodes.arguments import OptionalIndex
from axone.graph.nodes.layer import Layer
from axone.graph.nodes.node import Node, apply
from axone.messages import _


def _check_operation(value: Any) -> Any:
    if isinstance(value, Layer):
        raise ValueError(_("a module or a function; a layer of axone.graph is called on nodes directly"))
    if isinstance(value, type) or not callable(value):
        raise ValueError(_("a module such as nn.PReLU(), or a function"))
    if not isinstance(value, nn.Module) and (module := _find_captured_module(value)):
        raise ValueError(
            _("the module itself: the weights of {type} in a function would not be trained", type=type(module).__name__)
        )
    return value


def _find_captured_module(function: Callable[..., Any]) -> nn.Module | nn.Parameter | None:
    """Return a module or a parameter that a function uses without having it as an argument, or None."""
    while isinstance(function, functools.partial):
        function = function.func
    values = [getattr(function, "__self__", None), *(getattr(function, "__defaults__", None) or ())]
    if inspect.isfunction(function):
        used = inspect.getclosurevars(function)
        values += [*used.nonlocals.values(), *used.globals.values()]
    return next((value for value in values if isinstance(value, nn.Module | nn.Parameter)), None)


class _CallModule(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Tensor) -> Any:
        return self.function(*inputs)

    def extra_repr(self) -> str:
        return _name_operation(self.function)


class _SelectModule(nn.Module):
    """One of the results of a module or a function that returns several."""

    def __init__(self, operation: nn.Module, output: int) -> None:
        super().__init__()
        self.operation, self.output = operation, output

    def forward(self, *inputs: Tensor) -> Any:
        results = self.operation(*inputs)
        return (tuple(results.values()) if isinstance(results, dict) else results)[self.output]


def _is_known(function: Any) -> bool:
    return isinstance(function, Hashable) and function in NAMES


def _name_operation(operation: Any) -> str:
    if isinstance(operation, functools.partial):
        return _name_operation(operation.func)
    name = type(operation).__name__ if isinstance(operation, nn.Module) else getattr(operation, "__name__", "")
    return {"<lambda>": "lambda", "": type(operation).__name__}.get(name, name)


class Apply(Layer):
    """A module or a function of your own. `output` selects one of several results: Apply(nn.LSTM(4, 8), output=0).

    The module is not copied: training the model trains it, and two layers of one module share its weights.
    """

    operation: Annotated[Any, _check_operation]
    output: OptionalIndex = None

    maximum_inputs = None
    batch_sizes = (2, 3)
    is_opaque = True
    expected_errors = (Exception,)  # the code is not ours

    def __post_init__(self) -> None:
        super().__post_init__()
        module = self.operation if isinstance(self.operation, nn.Module) else _CallModule(self.operation)
        if self.output is not None:
            module = _SelectModule(module, self.output)
        if self.module is None:
            self.record_module(module)

    def __call__(self, *inputs: Node | Sequence[Node]) -> Node:
        """Apply the module or function; one of torch's functions in the registry is written by its name."""
        function: Any = self.operation
        arguments: tuple[Any, ...] = ()
        options: dict[str, Any] = {}
        if isinstance(function, functools.partial):
            function, arguments, options = function.func, function.args, function.keywords
        if isinstance(function, nn.Module) or self.output is not None or not _is_known(function):
            return super().__call__(*inputs)
        layer, nodes = Function.from_call(function, [*arguments, *inputs], options)
        return apply(replace(layer, name=self.name), nodes)

    @property
    def stem(self) -> str:
        """The name of the module or function: prelu_1, lambda_1."""
        return "".join(
            letter for letter in _name_operation(self.operation).lower() if letter.isalnum() or letter == "_"
        )

    @property
    def weights_key(self) -> Any:
        """The module itself, so that two layers of one module share its weights."""
        return self.operation if isinstance(self.operation, nn.Module) and self.output is None else self.module

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the module, or a module that calls the function."""
        assert self.module is not None
        return self.module

    def infer(self, module: nn.Module, inputs: Sequence[Tensor]) -> Any:
        """Return the result on the meta device; where the code needs numbers, that of zeros."""
        modes = {part: part.training for part in module.modules()}
        try:
            module.eval()
            try:
                return _call_on_meta(module, inputs)
            except Exception:
                return _call_on_zeros(module, inputs)
        finally:
            for part, mode in modes.items():
                part.training = mode

    def arguments(self) -> dict[str, Any]:
        """Raise GraphError: a file cannot hold code."""
        raise GraphError(
            _("{layer} is code of your own, which a file of the network cannot hold.", layer=self.label()),
            hint=_(
                "Save model.state_dict(), and build the network again with your code; or write a subclass of Layer."
            ),
        )

    def __repr__(self) -> str:
        selected = "" if self.output is None else f", output={self.output}"
        return f"Apply({_name_operation(self.operation)}{selected})"


def _call_on_meta(module: nn.Module, inputs: Sequence[Tensor]) -> Any:
    tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    replaced = {name: torch.empty_like(tensor, device="meta") for name, tensor in tensors.items()}
    with torch.no_grad(), torch.device("meta"):
        return torch.func.functional_call(module, replaced, tuple(inputs))


def _call_on_zeros(module: nn.Module, inputs: Sequence[Tensor]) -> Any:
    """Return the result for zeros; buffers that the module changes, and random states, stay as they are."""
    device = next((tensor.device for tensor in module.parameters()), torch.device("cpu"))
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    zeros = tuple(torch.zeros(tensor.shape, dtype=tensor.dtype, device=device) for tensor in inputs)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        return torch.func.functional_call(module, buffers, zeros)
