"""What a layer's argument may be: a field's annotation names one of these types, and is checked when the
layer is written.

    class Conv2d(Layer):
        out_channels: Size
        kernel_size: Pair
        bias: Switch = True

Each type is an `Annotated` whose second part is a check: it returns the value (a list becomes a tuple, so that
what JSON gives back is what was written) or raises ValueError with the words for what was expected.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Annotated, Any

from axone.graph.activations import activation
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


def switch(value: Any) -> bool:
    """True or False, and nothing that merely counts as one of them."""
    if isinstance(value, bool):
        return value
    raise ValueError(_("True or False"))


def pair_or_nothing(value: Any) -> Any:
    """A pair of sizes, or None for the layer's own choice."""
    return None if value is None else Whole(count=2)(value)


def padding(value: Any) -> Any:
    """The words "valid" (none) and "same" (output size = input size / stride, rounded up), or numbers."""
    if value in ("valid", "same"):
        return value
    try:
        return Whole(lowest=0, count=2)(value)
    except ValueError:
        raise ValueError(_('"valid", "same", a whole number or two of them')) from None


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


Size = Annotated[int, Whole()]
Dimension = Annotated[int, Whole(lowest=-8, highest=8)]
Pair = Annotated[int | tuple[int, int], Whole(count=2)]
PairOrNothing = Annotated[int | tuple[int, int] | None, pair_or_nothing]
Padding = Annotated[str | int | tuple[int, int], padding]
Switch = Annotated[bool, switch]
Share = Annotated[float, Number(0.0, 1.0)]
ActivationName = Annotated[str | None, activation_name]
NodeName = Annotated[str | None, node_name]
Sizes = Annotated[tuple[int, ...], sizes]
Shape = Annotated[tuple[int, ...], shape]
