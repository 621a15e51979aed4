"""What a layer's argument may be: a field's annotation names one of these types, and is checked when the
layer is written.

    class Conv2d(Layer):
        out_channels: Size
        kernel_size: Extent
        bias: Switch = True

Each type is an `Annotated` whose second part is a check: it returns the value (a list becomes a tuple, so that
what JSON gives back is what was written) or raises ValueError with the words for what was expected. What is said
for each dimension of a picture is a `PerDimension`, which becomes a check once the layer's class tells how many
there are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Annotated, Any

from axone.errors import closest
from axone.graph.layers.activations import activation
from axone.messages import _

LARGEST = 2**31 - 1
NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")

Check = Callable[[Any], Any]


@dataclass(frozen=True)
class Whole:
    """A whole number between two limits, or a tuple of `count` of them."""

    lowest: int = 1
    highest: int = LARGEST
    count: int = 1

    def __call__(self, value: Any) -> Any:
        """Return the value, or raise ValueError."""
        if self.count > 1 and isinstance(value, tuple | list) and len(value) == self.count:
            return tuple(self._one(part) for part in value)
        return self._one(value)

    def _one(self, value: Any) -> int:
        # True is a whole number to Python, and never to the person who typed it here.
        if isinstance(value, Integral) and not isinstance(value, bool):
            number = int(value)
            if self.lowest <= number <= self.highest:
                return number
        raise ValueError(self._expected())

    def _expected(self) -> str:
        if self.count > 1:
            return _("a whole number of at least {lowest}, or {count} of them", lowest=self.lowest, count=self.count)
        if self.highest == LARGEST:
            return _("a whole number of at least {lowest}", lowest=self.lowest)
        return _("a whole number from {lowest} to {highest}", lowest=self.lowest, highest=self.highest)


@dataclass(frozen=True)
class Number:
    """A finite number between two limits."""

    lowest: float
    highest: float

    def __call__(self, value: Any) -> float:
        """Return the value, or raise ValueError."""
        if isinstance(value, Real) and not isinstance(value, bool):
            number = float(value)
            if math.isfinite(number) and self.lowest <= number <= self.highest:
                return number
        raise ValueError(_("a number from {lowest:g} to {highest:g}", lowest=self.lowest, highest=self.highest))


@dataclass(frozen=True)
class PerDimension:
    """A whole number for all dimensions alike or one for each, or one of some words instead."""

    lowest: int = 1
    words: tuple[str | None, ...] = ()

    def among(self, dimensions: int) -> Check:
        """The check for a layer whose pictures have so many dimensions: 1 is steps, 2 height and width, 3 a volume."""
        whole = Whole(self.lowest, count=dimensions)

        def check(value: Any) -> Any:
            if isinstance(value, str | None) and value in self.words:
                return value
            try:
                return whole(value)
            except ValueError as error:
                words = ", ".join(f'"{word}"' for word in self.words if word is not None)
                expected = _("{words}, or {numbers}", words=words, numbers=error) if words else str(error)
                raise ValueError(expected) from None

        return check


@dataclass(frozen=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    def __call__(self, value: Any) -> str:
        """Return the word, or raise ValueError."""
        if isinstance(value, str) and value in self.words:
            return value
        expected = _("one of {names}", names=", ".join(self.words))
        near = closest(value, self.words) if isinstance(value, str) and len(value) < 100 else None
        raise ValueError(_('{expected}; did you mean "{near}"?', expected=expected, near=near) if near else expected)


def switch(value: Any) -> bool:
    """True or False, and nothing that merely counts as one of them."""
    if isinstance(value, bool):
        return value
    raise ValueError(_("True or False"))


def activation_name(value: Any) -> str | None:
    """A name of the registry of activations, with its parameter in brackets where it has one."""
    if value is not None:
        activation(value)
    return value


def node_name(value: Any) -> str | None:
    """A name whose dots become nested submodules: "layer1.0.conv1"."""
    if value is None or (isinstance(value, str) and len(value) <= 200 and NAME.fullmatch(value)):
        return value
    raise ValueError(_('letters, digits and _, in parts joined by dots, such as "layer1.0.conv1"'))


def sizes(value: Any) -> tuple[int, ...]:
    """One to eight sizes, of which one may be -1: whatever is left."""
    if isinstance(value, tuple | list) and 1 <= len(value) <= 8:
        checked = tuple(Whole(lowest=-1)(size) for size in value)
        if 0 not in checked and checked.count(-1) <= 1:
            return checked
    raise ValueError(_("one to eight sizes, of which one may be -1"))


def shape(value: Any) -> tuple[int, ...]:
    """One to eight sizes, all known."""
    if isinstance(value, tuple | list) and 1 <= len(value) <= 8:
        return tuple(Whole()(size) for size in value)
    raise ValueError(_("one to eight sizes, such as (1, 28, 28)"))


def order(value: Any) -> tuple[int, ...]:
    """The numbers 1, 2, 3 ... in any order."""
    if isinstance(value, tuple | list) and 2 <= len(value) <= 8:
        checked = tuple(Whole()(place) for place in value)
        if sorted(checked) == list(range(1, len(checked) + 1)):
            return checked
    raise ValueError(_("the dimensions from 1 in their new order, such as (2, 1)"))


def index_or_nothing(value: Any) -> int | None:
    """A row of a table, from 0, or None."""
    return None if value is None else Whole(lowest=0)(value)


def factors(value: Any) -> Any:
    """One whole number of at least 1, or one for each of up to three dimensions."""
    whole = Whole()
    if isinstance(value, tuple | list) and 1 <= len(value) <= 3:
        return tuple(whole(factor) for factor in value)
    return whole(value)


Size = Annotated[int, Whole()]
Depth = Annotated[int, Whole(highest=100)]  # layers on top of each other: each is made, one by one
Dimension = Annotated[int, Whole(lowest=-8, highest=8)]
Extent = Annotated[int | tuple[int, ...], PerDimension()]
ExtentOrNothing = Annotated[int | tuple[int, ...] | None, PerDimension(words=(None,))]
Padding = Annotated[str | int | tuple[int, ...], PerDimension(0, ("valid", "same"))]
Addition = Annotated[int | tuple[int, ...], PerDimension(0)]
Border = Annotated[int | tuple[int, int, int, int], Whole(lowest=0, count=4)]
Factors = Annotated[int | tuple[int, ...], factors]
Mode = Annotated[str, Choice(("nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear"))]
Factor = Annotated[float, Number(-1e9, 1e9)]
Nonlinearity = Annotated[str, Choice(("tanh", "relu"))]
IndexOrNothing = Annotated[int | None, index_or_nothing]
Switch = Annotated[bool, switch]
Share = Annotated[float, Number(0.0, 1.0)]
ActivationName = Annotated[str | None, activation_name]
NodeName = Annotated[str | None, node_name]
Sizes = Annotated[tuple[int, ...], sizes]
Shape = Annotated[tuple[int, ...], shape]
Order = Annotated[tuple[int, ...], order]
