"""The activation functions, in one registry that every layer uses: `activation="relu"`, `"leaky_relu(0.2)"`.

Each entry says whether the function is monotonic. A monotonic function commutes with a maximum, which
`axone.graph.optimize_plan` uses for speed.

Activations are plain functions without weights: they pickle, compile and export, and add nothing to a state_dict.
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

from axone.graph.names import find_activation_synonym
from axone.messages import _

Function = Callable[..., Tensor]


def linear(x: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch ..."]:
    """Return x unchanged."""
    return x


@dataclass(frozen=True)
class ActivationEntry:
    """One activation of the registry."""

    function: Function
    is_monotonic: bool  # never decreasing
    parameter: str | None = None  # the function's argument that the number in brackets sets
    over_channels: bool = False  # it combines all channels of a position, so it needs the channels' dimension


ACTIVATIONS: dict[str, ActivationEntry] = {
    "elu": ActivationEntry(F.elu, True, "alpha"),
    "gelu": ActivationEntry(F.gelu, False),
    "hardsigmoid": ActivationEntry(F.hardsigmoid, True),
    "hardswish": ActivationEntry(F.hardswish, False),
    "leaky_relu": ActivationEntry(F.leaky_relu, True, "negative_slope"),
    "linear": ActivationEntry(linear, True),
    "log_softmax": ActivationEntry(F.log_softmax, False, over_channels=True),
    "mish": ActivationEntry(F.mish, False),
    "relu": ActivationEntry(F.relu, True),
    "relu6": ActivationEntry(F.relu6, True),
    "selu": ActivationEntry(F.selu, True),
    "sigmoid": ActivationEntry(torch.sigmoid, True),
    "silu": ActivationEntry(F.silu, False),
    "softmax": ActivationEntry(F.softmax, False, over_channels=True),
    "softplus": ActivationEntry(F.softplus, True),
    "softsign": ActivationEntry(F.softsign, True),
    "tanh": ActivationEntry(torch.tanh, True),
}

_PATTERN = re.compile(r"([a-z0-9_]+)(?:\((\d{1,3}(?:\.\d{1,9})?)\))?")


@dataclass(frozen=True)
class ResolvedActivation:
    """An activation with its parameter and dimension filled in."""

    function: Function
    is_monotonic: bool


def find_activation(text: str, dim: int = 1) -> ResolvedActivation:
    """Return the activation written as "relu" or "leaky_relu(0.2)".

    `dim` is the channels' dimension, batch included: softmax sums to one along it. Raises ValueError, with what was
    expected, for an unknown name or a parameter that does not fit.
    """
    match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
    entry = ACTIVATIONS.get(match[1]) if match else None
    if match is None or entry is None:
        expected = _("one of {names}", names=", ".join(ACTIVATIONS))
        # A function or a module of torch says its name: F.relu, nn.ReLU().
        name = text if isinstance(text, str) else getattr(text, "__name__", type(text).__name__)
        near = find_activation_synonym(name, ACTIVATIONS) if len(name) < 100 else None
        raise ValueError(_('{expected}; did you mean "{near}"?', expected=expected, near=near) if near else expected)
    if match[2] is not None and entry.parameter is None:
        raise ValueError(_('"{name}" without a number', name=match[1]))
    function = entry.function
    if match[2] is not None:
        function = partial(function, **{entry.parameter or "": float(match[2])})
    if entry.over_channels:
        function = partial(function, dim=dim)
    return ResolvedActivation(function, entry.is_monotonic)


def write_activation(text: str, value: str, dim: int | str) -> str:
    """Return the activation of a value as a PyTorch expression: F.leaky_relu(x, negative_slope=0.2)."""
    match = _PATTERN.fullmatch(text)
    assert match
    name, number, entry = match[1], match[2], ACTIVATIONS[match[1]]
    options = [f", {entry.parameter}={float(number)}"] if number else [f", dim={dim}"] if entry.over_channels else []
    return value if name == "linear" else f"F.{name}({value}{''.join(options)})"
