"""The types of layer arguments. A field's annotation names one of them, and its value is checked on construction.

    class Conv2d(Layer):
        out_channels: Size
        kernel_size: SizePerDimension
        bias: Boolean = True

Each type is an `Annotated` whose second part is a check. A check returns the value, with lists converted to tuples so
that values read from JSON equal those that were written, or raises ValueError with a description of what was expected.
The check of a `PerDimension` argument also depends on the layer's number of spatial dimensions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Annotated, Any

from axone.errors import closest
from axone.graph.activations import find_activation
from axone.messages import _

MAXIMUM = 2**31 - 1
MAXIMUM_NAME_LENGTH = 200
NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")

Check = Callable[[Any], Any]


@dataclass(frozen=True)
class Integer:
    """An integer between two limits, or a tuple of `count` of them."""

    minimum: int = 1
    maximum: int = MAXIMUM
    count: int = 1

    def __call__(self, value: Any) -> Any:
        """Return the value, or raise ValueError."""
        if self.count > 1 and isinstance(value, tuple | list) and len(value) == self.count:
            return tuple(self._check_one(item) for item in value)
        return self._check_one(value)

    def _check_one(self, value: Any) -> int:
        # Python counts True as an integer, but as a layer's size it is always a mistake.
        if isinstance(value, Integral) and not isinstance(value, bool):
            number = int(value)
            if self.minimum <= number <= self.maximum:
                return number
        raise ValueError(self._expected())

    def _expected(self) -> str:
        if self.count > 1:
            return _("an integer of at least {lowest}, or {count} of them", lowest=self.minimum, count=self.count)
        if self.maximum == MAXIMUM:
            return _("an integer of at least {lowest}", lowest=self.minimum)
        return _("an integer from {lowest} to {highest}", lowest=self.minimum, highest=self.maximum)


@dataclass(frozen=True)
class Number:
    """A finite number between two limits."""

    minimum: float
    maximum: float

    def __call__(self, value: Any) -> float:
        """Return the value as a float, or raise ValueError."""
        if isinstance(value, Real) and not isinstance(value, bool):
            number = float(value)
            if math.isfinite(number) and self.minimum <= number <= self.maximum:
                return number
        raise ValueError(_("a number from {lowest:g} to {highest:g}", lowest=self.minimum, highest=self.maximum))


@dataclass(frozen=True)
class PerDimension:
    """One integer for all spatial dimensions, or one for each; some arguments also accept a few words instead."""

    minimum: int = 1
    words: tuple[str | None, ...] = ()

    def for_dimensions(self, dimensions: int) -> Check:
        """Return the check for a layer with 1 (steps), 2 (height, width) or 3 (a volume) spatial dimensions."""
        integer = Integer(self.minimum, count=dimensions)

        def check(value: Any) -> Any:
            if isinstance(value, str | None) and value in self.words:
                return value
            try:
                return integer(value)
            except ValueError as error:
                words = ", ".join(f'"{word}"' for word in self.words if word is not None)
                expected = _("{words}, or {numbers}", words=words, numbers=error) if words else str(error)
                raise ValueError(expected) from None

        return check


@dataclass(frozen=True)
class OneOf:
    """One of several words."""

    words: tuple[str, ...]

    def __call__(self, value: Any) -> str:
        """Return the word, or raise ValueError, with a suggestion where one is close."""
        if isinstance(value, str) and value in self.words:
            return value
        expected = _("one of {names}", names=", ".join(self.words))
        near = closest(value, self.words) if isinstance(value, str) and len(value) < 100 else None
        raise ValueError(_('{expected}; did you mean "{near}"?', expected=expected, near=near) if near else expected)


def check_boolean(value: Any) -> bool:
    """Accept True and False only, not 1 or 0."""
    if isinstance(value, bool):
        return value
    raise ValueError(_("True or False"))


def check_activation_name(value: Any) -> str | None:
    """Accept None or a name of the activation registry, with its parameter in brackets where it has one."""
    if value is not None:
        find_activation(value)
    return value


def check_node_name(value: Any) -> str | None:
    """Accept None or a name; dots separate nested submodules: "layer1.0.conv1"."""
    if value is None or (isinstance(value, str) and len(value) <= MAXIMUM_NAME_LENGTH and NAME.fullmatch(value)):
        return value
    raise ValueError(_('letters, digits and _, in parts joined by dots, such as "layer1.0.conv1"'))


def check_target_shape(value: Any) -> tuple[int, ...]:
    """Accept one to eight sizes, one of which may be -1 and is then inferred."""
    if isinstance(value, tuple | list) and 1 <= len(value) <= 8:
        checked = tuple(Integer(minimum=-1)(size) for size in value)
        if 0 not in checked and checked.count(-1) <= 1:
            return checked
    raise ValueError(_("one to eight sizes, of which one may be -1"))


def check_shape(value: Any) -> tuple[int, ...]:
    """Accept up to eight positive sizes; none of an input with one number per example."""
    if isinstance(value, tuple | list) and len(value) <= 8:
        return tuple(Integer()(size) for size in value)
    raise ValueError(_("up to eight sizes, such as (1, 28, 28)"))


def check_dimension_order(value: Any) -> tuple[int, ...]:
    """Accept a permutation of 1, 2, 3, ..."""
    if isinstance(value, tuple | list) and 2 <= len(value) <= 8:
        checked = tuple(Integer()(place) for place in value)
        if sorted(checked) == list(range(1, len(checked) + 1)):
            return checked
    raise ValueError(_("the dimensions from 1 in their new order, such as (2, 1)"))


def check_optional_index(value: Any) -> int | None:
    """Accept None or an index from 0."""
    return None if value is None else Integer(minimum=0)(value)


def check_optional_size(value: Any) -> int | None:
    """Accept None or a positive size."""
    return None if value is None else Integer()(value)


def check_scale_factor(value: Any) -> Any:
    """Accept one positive integer, or one for each of up to three dimensions."""
    integer = Integer()
    if isinstance(value, tuple | list) and 1 <= len(value) <= 3:
        return tuple(integer(factor) for factor in value)
    return integer(value)


ActivationName = Annotated[str | None, check_activation_name]
Boolean = Annotated[bool, check_boolean]
BorderPadding = Annotated[int | tuple[int, int, int, int], Integer(minimum=0, count=4)]
Dimension = Annotated[int, Integer(minimum=-8, maximum=8)]
DimensionOrder = Annotated[tuple[int, ...], check_dimension_order]
Fraction = Annotated[float, Number(0.0, 1.0)]
InterpolationMode = Annotated[str, OneOf(("nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear"))]
LayerCount = Annotated[int, Integer(maximum=100)]  # torch creates stacked recurrent layers one by one
Multiplier = Annotated[float, Number(-1e9, 1e9)]
NodeName = Annotated[str | None, check_node_name]
Nonlinearity = Annotated[str, OneOf(("tanh", "relu"))]
OptionalIndex = Annotated[int | None, check_optional_index]
OptionalSize = Annotated[int | None, check_optional_size]
OptionalSizePerDimension = Annotated[int | tuple[int, ...] | None, PerDimension(words=(None,))]
OutputPadding = Annotated[int | tuple[int, ...], PerDimension(0)]
Padding = Annotated[str | int | tuple[int, ...], PerDimension(0, ("valid", "same"))]
RecurrentPrecision = Annotated[str, OneOf(("auto", "float32", "bfloat16"))]
ScaleFactor = Annotated[int | tuple[int, ...], check_scale_factor]
Shape = Annotated[tuple[int, ...], check_shape]
Size = Annotated[int, Integer()]
SizePerDimension = Annotated[int | tuple[int, ...], PerDimension()]
TargetShape = Annotated[tuple[int, ...], check_target_shape]
