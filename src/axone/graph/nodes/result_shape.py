"""The shapes of the results of common modules, by the formulas in torch's documentation.

Any module gives the shape of its result on the meta device (`node.py`), but the first use of that device imports
torch's tracer and SymPy, which takes longer than a small training. For the modules of most networks a formula is
enough; a test compares each with the meta device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from axone.graph.padding import per_dimension

Shape = tuple[int, ...]


class ModuleWithFormula(nn.Module):
    """The base of our own modules that know the shape of their result; here, the largest size in each dimension.

    This is right for one input that keeps its shape, and for inputs of which a size of 1 is broadcast.
    """

    def find_result_shape(self, *shapes: Shape) -> Shape:
        """Return the shape of the result for inputs of these shapes, all without the batch."""
        return tuple(max(sizes) for sizes in zip(*shapes, strict=True))


def find_result_shape(module: nn.Module, *shapes: Shape) -> Shape | None:
    """Return the shape of the result of a module that was built for inputs of these shapes, all without the batch.

    Returns None for a module without a formula, and where the formula gives an empty dimension: then the module
    itself must be asked.
    """
    if isinstance(module, ModuleWithFormula):
        result = module.find_result_shape(*shapes)
    elif formula := _FORMULAS.get(type(module)):
        (shape,) = shapes
        result = formula(module, shape)
    else:
        return None
    return result if min(result, default=0) > 0 else None


def _keep(module: Any, shape: Shape) -> Shape:
    return shape


def _linear(module: nn.Linear, shape: Shape) -> Shape:
    return (*shape[:-1], module.out_features)


def _convolution(module: Any, shape: Shape) -> Shape:
    if isinstance(module.padding, str):
        return ()
    return (module.out_channels, *_count_windows(module, shape[1:], module.dilation))


def _pooling(module: Any, shape: Shape) -> Shape:
    return () if module.ceil_mode else (shape[0], *_count_windows(module, shape[1:], getattr(module, "dilation", 1)))


def _adaptive_pooling(module: Any, shape: Shape) -> Shape:
    sizes = per_dimension(module.output_size, len(shape) - 1)
    return (shape[0], *(size or 0 for size in sizes))


def _count_windows(module: Any, sizes: Shape, dilation: Any) -> Shape:
    """Return the number of windows in each dimension: floor((size + 2 padding - extent) / stride) + 1."""
    arguments = (module.kernel_size, module.stride, module.padding, dilation)
    columns = [per_dimension(argument, len(sizes)) for argument in arguments]
    return tuple(
        (size + 2 * padding - spacing * (kernel - 1) - 1) // stride + 1
        for size, kernel, stride, padding, spacing in zip(sizes, *columns, strict=True)
    )


_FORMULAS: dict[type[nn.Module], Callable[[Any, Shape], Shape]] = {
    nn.Linear: _linear,
    **dict.fromkeys((nn.Conv1d, nn.Conv2d, nn.Conv3d), _convolution),
    **dict.fromkeys((nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d), _pooling),
    **dict.fromkeys((nn.AvgPool1d, nn.AvgPool2d), _pooling),  # AvgPool3d also refuses windows larger than its input
    nn.AdaptiveAvgPool2d: _adaptive_pooling,
    **dict.fromkeys((nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.Identity), _keep),
    **dict.fromkeys((nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d), _keep),
    **dict.fromkeys((nn.GroupNorm, nn.LayerNorm), _keep),
}
