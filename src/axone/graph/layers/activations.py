"""The activations, in one registry that every layer uses: `activation="relu"`, `"leaky_relu(0.2)"`.

Each row says whether the function never decreases. Such a function commutes with a maximum, which
`axone.graph.optimize_plan` turns into speed.

Plain functions without parameters of their own: they pickle, compile and export, and add nothing to a state_dict.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from axone.errors import closest
from axone.messages import _

Function = Callable[..., Tensor]


def linear(x: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch ..."]:
    """Leave the weighted sum as it is."""
    return x


@dataclass(frozen=True)
class Row:
    """One activation: its function, whether it never decreases, and its parameter where it has one."""

    function: Function
    is_monotonic: bool
    parameter: str | None = None  # the function's argument that the number in brackets sets
    across: bool = False  # it looks at all channels of a position together, so it needs their dimension


ACTIVATIONS: dict[str, Row] = {
    "elu": Row(F.elu, True, "alpha"),
    "gelu": Row(F.gelu, False),
    "hardsigmoid": Row(F.hardsigmoid, True),
    "hardswish": Row(F.hardswish, False),
    "leaky_relu": Row(F.leaky_relu, True, "negative_slope"),
    "linear": Row(linear, True),
    "log_softmax": Row(F.log_softmax, False, across=True),
    "mish": Row(F.mish, False),
    "relu": Row(F.relu, True),
    "relu6": Row(F.relu6, True),
    "selu": Row(F.selu, True),
    "sigmoid": Row(torch.sigmoid, True),
    "silu": Row(F.silu, False),
    "softmax": Row(F.softmax, False, across=True),
    "softplus": Row(F.softplus, True),
    "softsign": Row(F.softsign, True),
    "tanh": Row(torch.tanh, True),
}

_WRITTEN = re.compile(r"([a-z0-9_]+)(?:\((\d{1,3}(?:\.\d{1,9})?)\))?")


@dataclass(frozen=True)
class Chosen:
    """An activation as a layer asked for it, its parameter filled in."""

    function: Function
    is_monotonic: bool


def activation(text: str, dim: int = 1) -> Chosen:
    """Find the activation written as "relu" or "leaky_relu(0.2)".

    `dim` is the channels' dimension, batch included: softmax sums to one along it.
    Raises ValueError, with what was expected, for a name or a number that does not fit.
    """
    match = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    row = ACTIVATIONS.get(match[1]) if match else None
    if match is None or row is None:
        expected = _("one of {names}", names=", ".join(ACTIVATIONS))
        near = closest(text, ACTIVATIONS) if isinstance(text, str) and len(text) < 100 else None
        raise ValueError(_('{expected}; did you mean "{near}"?', expected=expected, near=near) if near else expected)
    if match[2] is not None and row.parameter is None:
        raise ValueError(_('"{name}" without a number', name=match[1]))
    function = row.function
    if match[2] is not None:
        function = partial(function, **{row.parameter or "": float(match[2])})
    if row.across:
        function = partial(function, dim=dim)
    return Chosen(function, row.is_monotonic)


def written(text: str, value: str, dim: int | str) -> str:
    """The activation of a value as an expression of PyTorch: F.leaky_relu(x, negative_slope=0.2)."""
    match = _WRITTEN.fullmatch(text)
    assert match
    name, number, row = match[1], match[2], ACTIVATIONS[match[1]]
    options = [f", {row.parameter}={float(number)}"] if number else [f", dim={dim}"] if row.across else []
    return value if name == "linear" else f"F.{name}({value}{''.join(options)})"
