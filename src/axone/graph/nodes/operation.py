"""An operation of a network as data: frozen arguments that are checked on construction and that JSON can hold.

This is what every layer is before it is called on nodes (`layer.py` adds the call). The registry, the checks, the file
format, the summary and the drawing follow from the declaration of a subclass.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import wraps
from typing import Any, ClassVar, dataclass_transform, get_type_hints

import torch
from torch import Tensor, nn

from axone.graph.errors import GraphError
from axone.graph.names import suggest_argument, suggest_value
from axone.graph.nodes.arguments import Check, NodeName, PerDimension
from axone.graph.padding import ReceptiveWindow
from axone.messages import _

KINDS: dict[str, type[Operation]] = {}  # every layer class by name, filled as the classes are defined


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
class _Declared:
    """Turns each subclass into a frozen dataclass that raises GraphError for wrong arguments, and registers it.

    A class with a leading underscore, or declared with `abstract=True`, is a base of layers and is not registered.
    """

    def __init_subclass__(cls, *, abstract: bool = False, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        # Two layers with equal arguments have weights of their own: equality is identity.
        dataclass(frozen=True, eq=False, repr=False)(cls)
        signature, generated_init = inspect.signature(cls), cls.__init__

        @wraps(generated_init)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it replaces the generated one
            try:
                signature.bind(*args, **kwargs)
            except TypeError as error:
                raise _wrong_call(cls, str(error), kwargs, signature) from None
            generated_init(self, *args, **kwargs)

        cls.__init__ = __init__  # type: ignore[method-assign]
        if not abstract and not cls.__name__.startswith("_"):
            _register(cls)


def _register(cls: type) -> None:
    known = KINDS.get(cls.__name__)
    if known and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
        raise GraphError(
            _("There is already a layer named {name}.", name=cls.__name__), hint=_("Give yours another name.")
        )
    KINDS[cls.__name__] = cls


def _wrong_call(cls: type, error: str, kwargs: dict[str, Any], signature: inspect.Signature) -> GraphError:
    unknown = next((key for key in kwargs if key not in signature.parameters), None)
    return GraphError(
        _("{layer}: {error}.", layer=cls.__name__, error=error),
        expected=_("expected {signature}", signature=f"{cls.__name__}({', '.join(signature.parameters)})"),
        hint=suggest_argument(unknown, signature.parameters) if unknown else None,
    )


def _checks(operation: Operation) -> dict[str, Check]:
    """Return the check of each argument, computed at a class's first use: only then are its annotations resolvable."""
    cls = type(operation)
    if "_checks" not in cls.__dict__:
        hints = get_type_hints(cls, include_extras=True)
        checks = {item.name: getattr(hints[item.name], "__metadata__", (None,))[0] for item in fields(cls)}
        cls._checks = {
            name: check.for_dimensions(cls.dimensions) if isinstance(check, PerDimension) else check
            for name, check in checks.items()
            if check
        }
    return cls._checks


class Operation(_Declared, abstract=True):
    """One operation of a network, with or without weights: its arguments and its properties."""

    name: NodeName = field(default=None, kw_only=True)

    minimum_inputs: ClassVar[int] = 1
    maximum_inputs: ClassVar[int | None] = 1  # None: any number
    takes_maximum: ClassVar[bool] = False  # each output is the maximum of some inputs (optimize_plan.py)
    takes_masks: ClassVar[bool] = False  # one of its inputs may be a mask
    takes_indices: ClassVar[bool] = False  # its weights are looked up by index instead of multiplied
    reads_results: ClassVar[bool] = False  # it selects one of several results of the layer before it (part.py)
    pointwise: ClassVar[bool] = False  # each output position depends on the same position of the inputs only
    expected_errors: ClassVar[tuple[type[Exception], ...]] = (
        RuntimeError, ValueError, TypeError, IndexError, OverflowError,
    )  # fmt: skip
    # The sizes of the batch for which the shape is inferred: two where one could fit another dimension by accident.
    batch_sizes: ClassVar[tuple[int, ...]] = (2,)
    is_opaque: ClassVar[bool] = False  # it calls code of the user's own, which no file can hold
    dimensions: ClassVar[int] = 2  # spatial dimensions: 1 for steps, 2 for height and width, 3 for volumes
    channels_dim: ClassVar[int] = -1  # the channels' dimension in the output, batch included
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
                        value=_shorten(value),
                    ),
                    expected=_("expected {what}", what=str(error)),
                    hint=suggest_value(self.kind, argument, value),
                ) from None

    # With `*args: Any, **kwargs: Any`, mypy accepts subclasses that name their arguments: build(self, shape).

    def build(self, *shapes: Any, **options: Any) -> nn.Module:
        """Return the torch module for inputs of these shapes: one tuple per input, without the batch.

        Only the weights may depend on the shapes, so that a layer without weights can serve inputs of several sizes.
        Raises GraphError for shapes that do not fit.
        """
        raise NotImplementedError

    def flops(self, *shapes: Any, **output: Any) -> int:
        """Return twice the number of multiply-adds for one example; other operations count as 0, as is usual.

        It is called with the inputs' shapes and `output=` the shape of the result.
        """
        return 0

    def accepts(self, shape: tuple[int, ...], dtype: torch.dtype) -> bool:
        """Whether an input of this shape is accepted although its dtype is not the usual one of the weights."""
        return False

    def part_shapes(self, *shapes: Any) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the further results of a layer that has several, by name (part.py)."""
        return {}

    def window(self, *shapes: Any) -> ReceptiveWindow | None:
        """Return which input positions one output position depends on; None if it depends on all of them.

        Normalization layers count as pointwise: the dependence through their statistics is ignored, as is usual.
        """
        return () if self.pointwise else None

    def infer(self, module: nn.Module, inputs: Sequence[Tensor]) -> Any:
        """Return the module's result for inputs on the meta device, which computes shapes without numbers."""
        module.eval()
        with torch.no_grad():
            return module(*inputs)

    @property
    def batch_hint(self) -> str | None:
        """What to write where the result does not begin with the batch."""
        return None

    @property
    def takes_mean(self) -> bool:
        """Whether each output is the mean of a window of one channel, with stride 1 (optimize_plan.py)."""
        return False

    @property
    def mixes_channels(self) -> bool:
        """Whether each output is a weighted sum of the channels at its position, without bias (optimize_plan.py)."""
        return False

    @property
    def kind(self) -> str:
        """The name of the layer's class: Conv2d."""
        return type(self).__name__

    @property
    def first_shapes(self) -> tuple[tuple[int, ...], ...] | None:
        """The input shapes of the first call, for which the weights are created; None before it."""
        return self.__dict__.get("_first_shapes")

    def record_call(self, shapes: tuple[tuple[int, ...], ...]) -> None:
        """Remember the input shapes of the first call; later calls change nothing."""
        if self.first_shapes is None:
            object.__setattr__(self, "_first_shapes", shapes)

    @property
    def module(self) -> nn.Module | None:
        """The module that computes this operation in every Model; None until the first Model builds it."""
        return self.__dict__.get("_module")

    def record_module(self, module: nn.Module) -> None:
        """Remember the module that the first Model built, so that later Models share its weights."""
        object.__setattr__(self, "_module", module)

    @property
    def meta_module(self) -> nn.Module | None:
        """The module of this operation in every Model on the meta device, which describes a network without numbers."""
        return self.__dict__.get("_meta_module")

    def record_meta_module(self, module: nn.Module) -> None:
        """Remember the module that the first Model on the meta device built, so that later ones share it."""
        object.__setattr__(self, "_meta_module", module)

    def clone(self, name: str | None, module: nn.Module) -> Operation:
        """Return this operation under another name, using the weights of `module` instead of new ones."""
        clone = replace(self, name=name)
        object.__setattr__(clone, "_first_shapes", self.first_shapes)
        is_description = any(parameter.is_meta for parameter in module.parameters())
        (clone.record_meta_module if is_description else clone.record_module)(module)
        return clone

    @property
    def weights_key(self) -> Operation | nn.Module:
        """The object that all nodes with the same weights have in common."""
        modules = (module for module in (self.module, self.meta_module) if module is not None)
        return next(modules, self)

    @property
    def stem(self) -> str:
        """The first part of the names of nodes without a name, which are numbered: conv2d."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.kind).lower()

    def arguments(self) -> dict[str, Any]:
        """Return all arguments except the name, as JSON can hold them (tuples become lists)."""
        values = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "name"}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}

    def label(self) -> str:
        """Return the operation as an error message names it: its call, and its name where it has one."""
        return f'{self!r} "{self.name}"' if self.name else repr(self)

    def __repr__(self) -> str:
        arguments = []
        for item in fields(self):
            value = getattr(self, item.name)
            if item.default is MISSING:
                arguments.append(repr(value))
            elif item.name != "name" and value != item.default:
                arguments.append(f"{item.name}={value!r}")
        return f"{self.kind}({', '.join(arguments)})"


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
