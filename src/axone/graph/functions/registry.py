"""The functions that a network may call by name: Python's operators, and functions of torch without weights.

A file of a network contains these names, and reading it calls nothing else. They compute one tensor from the
values of nodes and from numbers, alike in training and in evaluation, and allocate little more than their result.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

Shapes = Sequence[tuple[int, ...]]


@dataclass(frozen=True)
class FunctionEntry:
    """One function of the registry.

    Args:
        call: The function.
        source: The expression that names it in a file that imports torch and F.
        pointwise: Whether each output position depends on the same position of the inputs only.
        mixes: Whether it combines the positions of the dimension `dim`, which must then not be the batch.
        flops: Returns twice the number of multiply-adds from the shapes of the inputs and of the result.
    """

    call: Callable[..., Any]
    source: str
    pointwise: bool = False
    mixes: bool = False
    flops: Callable[[Shapes, tuple[int, ...]], int] | None = None


OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
}  # fmt: skip
_POINTWISE = (
    "abs acos asin atan atan2 ceil clamp cos cosh eq erf exp expm1 floor isfinite isnan lerp log log10 log1p log2 "
    "logaddexp logical_and logical_not logical_or maximum minimum nan_to_num ne neg pow reciprocal relu round rsqrt "
    "sigmoid sign sin sinh sqrt square tan tanh where"
)
_POINTWISE_F = (
    "celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish relu relu6 selu silu softplus "
    "softshrink softsign tanhshrink threshold"
)
_MIXING = "cumprod cumsum flip log_softmax roll softmax"
_MIXING_F = "glu log_softmax normalize softmax softmin"
_OTHER = (
    "all amax amin any argmax argmin bmm cat diff einsum flatten logsumexp matmul mean narrow permute prod select "
    "squeeze stack std sum swapaxes tile transpose tril triu unflatten unsqueeze var"
)
_OTHER_F = (
    "cosine_similarity interpolate local_response_norm one_hot pad pairwise_distance pixel_shuffle pixel_unshuffle "
    "scaled_dot_product_attention"
)


def _count_matmul(shapes: Shapes, output: tuple[int, ...]) -> int:
    return 2 * math.prod(output) * shapes[0][-1]


def _count_attention(shapes: Shapes, output: tuple[int, ...]) -> int:
    query, key, value = (*shapes, shapes[-1], shapes[-1])[:3]  # one node may be several of them
    return 2 * math.prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


_FLOPS = {
    "operator.matmul": _count_matmul,
    "torch.bmm": _count_matmul,
    "torch.matmul": _count_matmul,
    "torch.nn.functional.scaled_dot_product_attention": _count_attention,
}


def _list_entries() -> dict[str, FunctionEntry]:
    entries = {}
    for name, symbol in OPERATORS.items():
        key = f"operator.{name}"
        entries[key] = FunctionEntry(getattr(operator, name), symbol, name != "matmul", flops=_FLOPS.get(key))
    modules = (
        (torch, "torch", "torch", _POINTWISE, _MIXING, _OTHER),
        (F, "torch.nn.functional", "F", _POINTWISE_F, _MIXING_F, _OTHER_F),
    )
    for module, path, short, *families in modules:
        for family, names in zip(("pointwise", "mixing", "other"), families):
            for name in names.split():
                key = f"{path}.{name}"
                entries[key] = FunctionEntry(
                    getattr(module, name), f"{short}.{name}", family == "pointwise", family == "mixing", _FLOPS.get(key)
                )
    return entries


FUNCTIONS = _list_entries()
_ALIASES = {
    "absolute": "abs", "add": "operator.add", "clip": "clamp", "concat": "cat", "concatenate": "cat",
    "div": "operator.truediv", "divide": "operator.truediv", "mul": "operator.mul", "multiply": "operator.mul",
    "negative": "neg", "sub": "operator.sub", "subtract": "operator.sub", "swapdims": "swapaxes",
    "true_divide": "operator.truediv",
}  # fmt: skip
# The name of each function object that a user may call on nodes.
NAMES: dict[Any, str] = {
    **{getattr(torch, alias): name if "." in name else f"torch.{name}" for alias, name in _ALIASES.items()},
    **{entry.call: name for name, entry in reversed(FUNCTIONS.items())},
}


def find_method(name: str) -> str | None:
    """Return the function that a tensor's method of this name calls, or None."""
    for path in ("torch", "torch.nn.functional"):
        if f"{path}.{name}" in FUNCTIONS:
            return f"{path}.{name}"
    alias = _ALIASES.get(name)
    return alias if alias is None or "." in alias else f"torch.{alias}"
