"""Functions of torch and operators of Python as layers: `torch.exp(h)`, `h.mean(-1)`, `1 - h`, `a @ b`.

The arguments of the call are kept as they were written, with "$0" in the place of the first node, "$1" in that of the
second: `torch.clamp(h, min=0.5)` is Function("torch.clamp", ["$0"], {"min": 0.5}).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from numbers import Integral, Real
from typing import Annotated, Any

import torch
from torch import Tensor, nn

from axone.errors import closest
from axone.graph.errors import GraphError
from axone.graph.functions.registry import FUNCTIONS, NAMES, FunctionEntry, find_method
from axone.graph.names import suggest_function
from axone.graph.nodes.layer import Layer
from axone.graph.nodes.node import Node
from axone.graph.padding import ReceptiveWindow
from axone.messages import _

MAXIMUM_ITEMS = 1_000  # of one list of arguments
MAXIMUM_DEPTH = 3  # of lists in lists
MAXIMUM_TEXT = 100  # letters
MAXIMUM_NUMBER = 2**31 - 1
_IGNORED = {"_stacklevel", "inplace"}
_REFUSED = {"inplace", "out"}  # they change values that other layers may read
_PLACE = re.compile(r"\$(\d{1,3})")


def _check_function(value: Any) -> str:
    if isinstance(value, str) and value in FUNCTIONS:
        return value
    near = closest(value, FUNCTIONS) if isinstance(value, str) and len(value) < 100 else None
    expected = _("one of {names}", names=", ".join(FUNCTIONS))
    raise ValueError(_('{expected}; did you mean "{near}"?', expected=expected, near=near) if near else expected)


def _check_value(value: Any, depth: int = MAXIMUM_DEPTH) -> Any:
    """Return an argument with tuples for lists; raise ValueError unless a file can hold it."""
    if value is None or isinstance(value, bool) or (isinstance(value, str) and len(value) <= MAXIMUM_TEXT):
        return value
    if isinstance(value, Integral) and abs(int(value)) <= MAXIMUM_NUMBER:
        return int(value)
    if isinstance(value, Real) and not isinstance(value, Integral) and math.isfinite(value):
        return float(value)
    if isinstance(value, list | tuple) and depth and len(value) <= MAXIMUM_ITEMS:
        return tuple(_check_value(item, depth - 1) for item in value)
    raise ValueError(_("finite numbers, words, True, False, None, and lists of them"))


def _check_arguments(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(_("a list"))
    checked = _check_value(value)
    assert isinstance(checked, tuple)
    return checked


def _check_options(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) and key.isidentifier() for key in value):
        raise ValueError(_("names with values"))
    if refused := _REFUSED & value.keys():
        raise ValueError(_("options other than {names}", names=", ".join(refused)))
    return {key: _check_value(item) for key, item in value.items()}


def _fill(value: Any, replace: Callable[[int], Any]) -> Any:
    """Return an argument with `replace(k)` in the place of "$k"."""
    if isinstance(value, tuple):
        return [_fill(item, replace) for item in value]
    place = _PLACE.fullmatch(value) if isinstance(value, str) else None
    return replace(int(place[1])) if place else value


class _FunctionModule(nn.Module):
    """Calls a function. `arguments` and `options` have "$k" in the place of input k."""

    def __init__(self, name: str, arguments: tuple[Any, ...], options: Mapping[str, Any]) -> None:
        super().__init__()
        self.name, self.arguments, self.options = name, arguments, dict(options)

    def forward(self, *inputs: Tensor) -> Any:
        arguments = [_fill(value, inputs.__getitem__) for value in self.arguments]
        options = {key: _fill(value, inputs.__getitem__) for key, value in self.options.items()}
        return FUNCTIONS[self.name].call(*arguments, **options)

    def source(self, module: str, *inputs: str) -> str:
        arguments = [_write_value(value, inputs) for value in self.arguments]
        if self.name.startswith("operator."):
            left, right = arguments
            left = f"({left})" if left.startswith("-") else left  # -2 ** x is -(2 ** x) in Python
            return f"{left} {FUNCTIONS[self.name].source} {right}"
        arguments += [f"{key}={_write_value(value, inputs)}" for key, value in self.options.items()]
        return f"{FUNCTIONS[self.name].source}({', '.join(arguments)})"

    def extra_repr(self) -> str:
        return self.name


def _write_value(value: Any, inputs: Sequence[str]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_write_value(item, inputs) for item in value)}]"
    filled = _fill(value, inputs.__getitem__)
    return filled if filled is not value else repr(value)


class Function(Layer):
    """The call of a function of torch or of an operator of Python, which nodes write when they are its arguments."""

    function: Annotated[str, _check_function]
    positional: Annotated[tuple[Any, ...], _check_arguments] = ("$0",)
    options: Annotated[dict[str, Any], _check_options] = field(default_factory=dict)

    maximum_inputs = None
    batch_sizes = (2, 3)

    @staticmethod
    def find_method(name: str) -> str | None:
        """Return the function that a tensor's method of this name calls, or None."""
        return find_method(name)

    @classmethod
    def from_call(
        cls, function: Any, arguments: Sequence[Any], options: Mapping[str, Any]
    ) -> tuple[Function, list[Node]]:
        """Return the layer of a call, and the nodes among its arguments.

        Raises GraphError for a function that is not in the registry, and for an argument that no file can hold.
        """
        name = function if isinstance(function, str) else NAMES.get(function)
        title = str(name or getattr(function, "__name__", type(function).__name__))
        if name is None and not any(type(value) is Tensor for value in arguments):
            raise GraphError(
                _("{function} was called on a node.", function=title),
                expected=_("expected layers, operators, indices, or one of torch's functions without weights"),
                hint=suggest_function(title),
            )
        nodes: list[Node] = []

        def take(value: Any) -> Any:
            if isinstance(value, Node):
                nodes.append(value)
                return f"${len(nodes) - 1}"
            if isinstance(value, list | tuple):
                return tuple(take(item) for item in value)
            if isinstance(value, Tensor | torch.dtype | torch.device | nn.Module):
                raise GraphError(
                    _("{function} was called on a node and on a {type}.", function=title, type=type(value).__name__),
                    expected=_("expected nodes, numbers and words"),
                    hint=suggest_function(title),
                )
            return value

        positional = tuple(take(value) for value in arguments)
        assert name is not None  # a tensor was refused
        # torch's functions pass defaults along; a result in place of the input would change what other layers read.
        named = {key: take(value) for key, value in options.items() if value is not None and key not in _IGNORED}
        return cls(name, positional, named), nodes

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.function.startswith("operator.") and (len(self.positional) != 2 or self.options):
            raise GraphError(_("{name} needs two operands.", name=self.function))

    @property
    def entry(self) -> FunctionEntry:
        """The entry of the registry."""
        return FUNCTIONS[self.function]

    @property
    def pointwise(self) -> bool:  # type: ignore[override]
        """Whether each output position depends on the same position of the inputs only."""
        return self.entry.pointwise

    @property
    def stem(self) -> str:
        """The name of the function: clamp_1, clamp_2."""
        return self.function.rpartition(".")[2]

    @property
    def batch_hint(self) -> str | None:
        """Dimension 0 is the batch, as in torch."""
        return _("Dimension 0 is the batch: name another, such as dim=1 or dim=-1.")

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the module that calls the function."""
        used: set[int] = set()
        for value in (*self.positional, *self.options.values()):
            _fill(value, used.add)
        if used != set(range(len(shapes))):
            raise GraphError(
                _("{layer} was called on {count} inputs.", layer=self.label(), count=len(shapes)),
                expected=_("expected {count}", count=len(used)),
            )
        if self.entry.pointwise and len({len(shape) for shape in shapes}) > 1:
            raise GraphError(
                _("{layer} got {shapes}.", layer=self.label(), shapes=", ".join(map(str, shapes))),
                expected=_("expected equal shapes (a size of 1 is repeated)"),
                hint=_("Write {index} to add a dimension.", index="h[:, None]"),
            )
        if self.entry.mixes and self._mixes_batch(len(shapes[0]) + 1):
            raise GraphError(
                _("{layer} would combine the examples of a batch.", layer=self.label()), hint=self.batch_hint
            )
        if self.function.endswith(".scaled_dot_product_attention") and any(
            [*self.positional[4:5], self.options.get("dropout_p")]
        ):
            raise GraphError(
                _("{layer} would drop numbers in evaluation too.", layer=self.label()),
                hint=_("Write MultiheadAttention(heads, dropout=0.1), or put Dropout after it."),
            )
        return _FunctionModule(self.function, self.positional, self.options)

    def _mixes_batch(self, rank: int) -> bool:
        keys = [self.options[key] for key in ("dim", "dims") if key in self.options]
        place = 2 if self.function.endswith((".roll", ".normalize")) else 1
        dims = keys[0] if keys else self.positional[place] if len(self.positional) > place else None
        if dims is None:  # the default of F.normalize is 1, and that of F.glu is -1
            return not self.function.endswith((".normalize", ".glu"))
        return any(dim in (0, -rank) for dim in (dims if isinstance(dims, tuple) else (dims,)))

    def flops(self, *shapes: tuple[int, ...], output: tuple[int, ...]) -> int:
        """Count the multiply-adds of matrix products and of attention."""
        return self.entry.flops(shapes, output) if self.entry.flops else 0

    def window(self, *shapes: tuple[int, ...]) -> ReceptiveWindow | None:
        """Each position depends on itself, or on all of them."""
        return () if self.pointwise else None

    def arguments(self) -> dict[str, Any]:
        """Return the function's name and its arguments, as JSON can hold them."""
        return {
            "function": self.function,
            "positional": _fill_lists(self.positional),
            "options": {key: _fill_lists(value) for key, value in self.options.items()},
        }

    def __repr__(self) -> str:
        used: set[int] = set()
        for value in (*self.positional, *self.options.values()):
            _fill(value, used.add)
        names = ["x"] if used == {0} else [f"x{number + 1}" for number in range(max(used, default=-1) + 1)]
        return _FunctionModule(self.function, self.positional, self.options).source("", *names)


def _fill_lists(value: Any) -> Any:
    return [_fill_lists(item) for item in value] if isinstance(value, tuple) else value
