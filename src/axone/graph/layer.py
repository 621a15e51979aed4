"""A layer as data: frozen arguments, checked when it is written, that JSON can hold.

Adding a layer is one short class. Its fields are torch.nn's arguments without the input sizes, its `build`
makes the module for given input shapes, and the registry, the checks, the file format, the summary and the
drawing follow from the declaration:

    class Dropout(Layer):
        \"\"\"Silence a share p of the numbers during training.\"\"\"

        p: Share = 0.5

        def build(self, shape):
            return nn.Dropout(self.p)
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import wraps
from typing import Any, ClassVar, dataclass_transform, get_type_hints

from torch import nn

from axone.errors import closest
from axone.graph.arguments import Check, NodeName, PerDimension
from axone.graph.errors import GraphError
from axone.graph.layers.padding import Window, axes, each
from axone.graph.node import Node, infer
from axone.messages import _

KINDS: dict[str, type[Layer]] = {}


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
class _Declared:
    """Makes each subclass a frozen dataclass whose wrong arguments are GraphErrors, and registers it."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        # Two equal-looking layers are two layers, with weights of their own: equality is identity.
        dataclass(frozen=True, eq=False, repr=False)(cls)
        signature, fill = inspect.signature(cls), cls.__init__

        @wraps(fill)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it replaces the generated one
            try:
                signature.bind(*args, **kwargs)
            except TypeError as error:
                raise _wrong_call(cls, str(error), kwargs, signature) from None
            fill(self, *args, **kwargs)

        cls.__init__ = __init__  # type: ignore[method-assign]
        if not cls.__name__.startswith("_"):
            _register(cls)


def _register(cls: type) -> None:
    known = KINDS.get(cls.__name__)
    if known and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
        raise GraphError(
            _("There is already a layer named {name}.", name=cls.__name__), hint=_("Give yours another name.")
        )
    if cls.__name__ != "Layer":
        KINDS[cls.__name__] = cls


def _wrong_call(cls: type, error: str, kwargs: dict[str, Any], signature: inspect.Signature) -> GraphError:
    unknown = next((key for key in kwargs if key not in signature.parameters), None)
    near = closest(unknown, signature.parameters) if unknown else None
    return GraphError(
        _("{layer}: {error}.", layer=cls.__name__, error=error),
        expected=_("expected {signature}", signature=f"{cls.__name__}({', '.join(signature.parameters)})"),
        hint=_("Did you mean {name}?", name=near) if near else None,
    )


def _checks(layer: Layer) -> dict[str, Check]:
    """The check of each argument, read at a class's first use: its annotations name what comes with the module."""
    cls = type(layer)
    if "_checks" not in cls.__dict__:
        hints = get_type_hints(cls, include_extras=True)
        found = {item.name: getattr(hints[item.name], "__metadata__", (None,))[0] for item in fields(cls)}
        cls._checks = {
            name: check.among(cls.dimensions) if isinstance(check, PerDimension) else check
            for name, check in found.items()
            if check
        }
    return cls._checks


class Layer(_Declared):
    """One operation of a network, with or without weights. Call it on nodes to place it in the graph.

    Calling the same layer twice shares its weights: one module, several nodes. Weights belong to the Model
    in which the layer is used; two Models never share them.
    """

    name: NodeName = field(default=None, kw_only=True)

    least_inputs: ClassVar[int] = 1
    most_inputs: ClassVar[int | None] = 1  # None: any number
    takes_maximum: ClassVar[bool] = False  # each output is the largest of some inputs (rewrite.py)
    takes_indices: ClassVar[bool] = False  # its weights are looked up rather than multiplied
    pointwise: ClassVar[bool] = False  # a position of its result sees that position of its inputs alone
    dimensions: ClassVar[int] = 2  # of positions: 1 for steps, 2 for height and width, 3 for volumes
    channels_dim: ClassVar[int] = -1  # where the channels stand in the output, batch included
    _checks: ClassVar[dict[str, Check]]

    def __post_init__(self) -> None:
        for argument, check in _checks(self).items():
            value = getattr(self, argument)
            try:
                object.__setattr__(self, argument, check(value))
            except ValueError as error:
                raise GraphError(
                    _(
                        "{layer}: {argument} cannot be {value}.",
                        layer=self.kind,
                        argument=argument,
                        value=_short(value),
                    ),
                    expected=_("expected {what}", what=str(error)),
                ) from None

    def build(self, *shapes: Any, **nothing: Any) -> nn.Module:
        """Make the module for inputs of these shapes, one tuple each, without batch. Raises GraphError for a misfit.

        Only weights may depend on the shapes: a layer without weights may serve inputs of several sizes.
        """
        raise NotImplementedError

    def flops(self, *shapes: Any, **output: Any) -> int:
        """Multiply-adds, times two, that one example costs: products only, as is usual; others count as 0.

        Called with the inputs' shapes, and output=the result's.
        """
        return 0

    def window(self, *shapes: Any) -> Window | None:
        """What one position of the result sees of the positions of inputs of these shapes; None: all of them.

        Norms count as pointwise: their statistics of the whole are left aside, as is usual.
        """
        return () if self.pointwise else None

    def __call__(self, *inputs: Node | Sequence[Node]) -> Node:
        """Place this layer after the given nodes (or one list of them) and infer the shape of its result."""
        nodes: list[Node] = []
        for node in inputs[0] if len(inputs) == 1 and isinstance(inputs[0], list | tuple) else inputs:
            if not isinstance(node, Node):
                raise GraphError(
                    _("{layer} was called on a {type}.", layer=self.label(), type=type(node).__name__),
                    expected=_("expected what Input(...) or another layer returned"),
                    hint=_("Write the whole network first, then call Model(inputs, outputs) on tensors."),
                )
            nodes.append(node)
        if len(nodes) < self.least_inputs or (self.most_inputs is not None and len(nodes) > self.most_inputs):
            raise GraphError(
                _("{layer} was called on {count} inputs.", layer=self.label(), count=len(nodes)),
                expected=_("expected {count}", count=self.least_inputs)
                if self.least_inputs == self.most_inputs
                else _("expected at least {count}", count=self.least_inputs),
            )
        made = infer(self, tuple(nodes))
        if self.first_shapes is None:
            object.__setattr__(self, "_first_shapes", tuple(each.shape for each in nodes))
        return made

    @property
    def takes_mean(self) -> bool:
        """Whether each output is the mean of a window of one channel, at each place where it fits (rewrite.py)."""
        return False

    @property
    def mixes_channels(self) -> bool:
        """Whether each output is a weighted sum of the channels at its position, and nothing more (rewrite.py)."""
        return False

    @property
    def first_shapes(self) -> tuple[tuple[int, ...], ...] | None:
        """The input shapes of the first call, for which the weights are made; None before it."""
        return self.__dict__.get("_first_shapes")

    @property
    def borrowed(self) -> nn.Module | None:
        """The module that works here and in another Model, whose weights it shares; None: Model makes one."""
        return self.__dict__.get("_borrowed")

    @property
    def identity(self) -> Layer | nn.Module:
        """What nodes with the same weights have in common."""
        return self if self.borrowed is None else self.borrowed

    @property
    def kind(self) -> str:
        """The layer's type as it is written: Conv2d."""
        return type(self).__name__

    def arguments(self) -> dict[str, Any]:
        """All arguments but the name, as JSON can hold them (tuples become lists)."""
        values = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "name"}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}

    def label(self) -> str:
        """The layer as an error names it: as written, and its name where it has one."""
        return f'{self!r} "{self.name}"' if self.name else repr(self)

    def __repr__(self) -> str:
        shown = []
        for item in fields(self):
            value = getattr(self, item.name)
            if item.default is MISSING:
                shown.append(repr(value))
            elif item.name != "name" and value != item.default:
                shown.append(f"{item.name}={value!r}")
        return f"{self.kind}({', '.join(shown)})"

    def expect(self, shape: tuple[int, ...], what: str, rank: int, hint: str | None = None) -> None:
        """Raise GraphError unless the input has this many dimensions (without batch)."""
        if len(shape) != rank:
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected {what}", what=what),
                hint=hint,
            )

    def spread(self, *values: int | tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """These arguments with a number for each dimension of positions: 3 is (3, 3) in a picture."""
        return tuple(each(value, self.dimensions) for value in values)

    def expect_positions(self, shape: tuple[int, ...]) -> None:
        """Raise GraphError unless the input has channels and as many dimensions of positions as the layer says."""
        if len(shape) == self.dimensions + 1:
            return
        other = f"{self.kind.rstrip('123d')}{len(shape) - 1}d"
        hints = [_("Use {layer} here.", layer=other)] if other in KINDS else []
        if len(shape) == self.dimensions:
            hints.append(_("Put Reshape({shape}) before it where the channels are missing.", shape=(1, *shape)))
        elif len(shape) == 1:
            hints.append(_("Put Reshape({shape}) before it.", shape=axes(self.dimensions)))
        self.expect(shape, axes(self.dimensions), self.dimensions + 1, hint=" ".join(hints) or None)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
