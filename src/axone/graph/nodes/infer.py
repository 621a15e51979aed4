"""What is known of a layer's result before the network has weights: shape, dtype, numbers of weights and FLOPs.

The shape follows from a formula (`result_shape.py`), or the layer's module runs on the meta device, which computes
shapes without numbers and allocates nothing. A shape mismatch is therefore an error at the line that causes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import nn

from axone.graph.errors import GraphError
from axone.graph.nodes.operation import Operation
from axone.graph.nodes.result_shape import find_result_shape
from axone.messages import _

PartShapes = Mapping[str, tuple[int, ...]]
NO_PARTS: PartShapes = MappingProxyType({})


class Value(NamedTuple):
    """The shape of one example of an input, its dtype, and the further results of the layer that computes it."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    parts: PartShapes = NO_PARTS


class Result(NamedTuple):
    """Shape and dtype of one example of the result, the layer's parameters and FLOPs for it, and further results."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    parameters: int = 0
    flops: int = 0
    parts: PartShapes = NO_PARTS


def infer_result(layer: Operation, inputs: Sequence[Value]) -> Result:
    """Return what is known of a layer's result for inputs of these shapes and dtypes. Raises GraphError."""
    shapes = [value.shape for value in inputs]
    if layer.reads_results:
        return _select_part(layer, inputs[0])
    try:
        module = _build_on_meta(layer, shapes)
        _check_dtype(layer, inputs, module)
        results = [_compute_on_meta(layer, module, inputs, size) for size in layer.batch_sizes]
    except GraphError:
        raise
    except layer.expected_errors as error:
        raise GraphError(
            _("{layer} does not accept {shapes}.", layer=layer.label(), shapes=_join(shapes)),
            expected=f"{type(error).__name__}: {error}".removeprefix("RuntimeError: ").partition("\n")[0][:300],
        ) from error
    result = results[0]
    if (
        not all(isinstance(each, torch.Tensor) and each.dim() >= 1 for each in results)
        or [each.shape[0] for each in results] != list(layer.batch_sizes)
        or len({each.shape[1:] for each in results}) > 1
        or 0 in result.shape
    ):
        raise GraphError(
            _("{layer} must return one tensor with the batch first and no empty dimension.", layer=layer.label()),
            hint=layer.batch_hint,
        )
    first = layer.first_shapes
    if first and list(first) != shapes and _weight_shapes(module) != _weight_shapes(_build_on_meta(layer, first)):
        raise GraphError(
            _(
                "{layer} has weights for {first}, which do not fit {shapes}.",
                layer=layer.label(),
                first=_join(first),
                shapes=_join(shapes),
            ),
            hint=_("Write a new layer here, which has weights of its own."),
        )
    shape = tuple(result.shape[1:])
    parameters = sum(parameter.numel() for parameter in module.parameters())
    return Result(
        shape,
        result.dtype,
        parameters,
        layer.flops(*shapes, output=shape),
        MappingProxyType(layer.part_shapes(*shapes)),
    )


def _select_part(layer: Any, value: Value) -> Result:
    """Return what is known of one of several results of the layer before. Raises GraphError where it has no such."""
    if layer.part not in value.parts:
        raise GraphError(
            _("{layer} reads a layer that has no such result.", layer=layer.label()),
            expected=_("expected one of {names}", names=", ".join(value.parts)) if value.parts else None,
        )
    return Result(value.parts[layer.part], value.dtype)


def _compute_on_meta(layer: Operation, module: nn.Module, inputs: Sequence[Value], size: int) -> Any:
    """Return the result of a layer's module for a batch of this size, without its numbers."""
    # The formulas are for modules that were built for these shapes, which a module of the user's own may not be.
    if not layer.is_opaque and all(value.dtype == torch.float32 for value in inputs):
        shape = find_result_shape(module, *(value.shape for value in inputs))
        if shape is not None:
            return torch.empty(size, *shape, device="meta")
    result = layer.infer(
        module, [torch.empty(size, *value.shape, dtype=value.dtype, device="meta") for value in inputs]
    )
    # Of several results, the first is the node's; the others have shapes of their own (part.py).
    return result[0] if isinstance(result, tuple) and layer.part_shapes(*(value.shape for value in inputs)) else result


def _check_dtype(layer: Operation, inputs: Sequence[Value], module: nn.Module) -> None:
    # The meta device accepts integers in a matrix product and fractions as indices, which no other device does.
    if layer.is_opaque or next(module.parameters(), None) is None:
        return
    for value in inputs:
        dtype = str(value.dtype).removeprefix("torch.")
        if value.dtype == torch.bool and layer.takes_masks:
            continue
        if layer.accepts(value.shape, value.dtype):
            continue
        if layer.takes_indices and value.dtype != torch.int64:
            raise GraphError(
                _("{layer} needs indices, got {dtype}.", layer=layer.label(), dtype=dtype),
                hint=_('Write Input(..., dtype="int64").'),
            )
        if not layer.takes_indices and not value.dtype.is_floating_point:
            raise GraphError(
                _("{layer} needs numbers, got {dtype}.", layer=layer.label(), dtype=dtype),
                hint=_('Write Input(..., dtype="float32"), or put Embedding(...) before it.'),
            )


def _build_on_meta(layer: Operation, shapes: Sequence[tuple[int, ...]]) -> nn.Module:
    with torch.device("meta"):
        return layer.build(*shapes)


def _weight_shapes(module: nn.Module) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in module.state_dict().items()}


def _join(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(str(shape) for shape in shapes[:8]) + (", ..." if len(shapes) > 8 else "")
