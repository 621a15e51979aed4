"""The formulas of result shapes, compared with the meta device on drawn arguments."""

from __future__ import annotations

import random

import pytest
import torch
from torch import nn

from axone.graph.layers.basic import _ActivationModule
from axone.graph.layers.merge import _ConcatenateModule, _ReduceModule, _SubtractModule
from axone.graph.layers.pooling import _GlobalPoolModule
from axone.graph.nodes.result_shape import find_result_shape


def draw_windows(module_class: type[nn.Module], dimensions: int, draw: random.Random) -> nn.Module:
    """Return a convolution or pooling with drawn arguments."""
    kernel = tuple(draw.randint(1, 4) for _ in range(dimensions))
    stride = draw.choice([draw.randint(1, 3), tuple(draw.randint(1, 3) for _ in range(dimensions))])
    padding = tuple(draw.randint(0, size // 2) for size in kernel)
    if "Conv" in module_class.__name__:
        return module_class(4, 6, kernel, stride, padding, draw.randint(1, 2), groups=2)  # type: ignore[call-arg]
    options = {"ceil_mode": draw.random() < 0.2} if "Pool" in module_class.__name__ else {}
    return module_class(kernel, stride, padding, **options)


@pytest.mark.parametrize(
    ("kind", "dimensions"), [(kind, n) for kind in ("Conv", "MaxPool", "AvgPool") for n in (1, 2, 3)][:-1]
)
def test_windows_are_counted_as_torch_counts_them(kind: str, dimensions: int) -> None:
    draw = random.Random(dimensions)
    formulas = 0
    for _ in range(40):
        with torch.device("meta"):
            module = draw_windows(getattr(nn, f"{kind}{dimensions}d"), dimensions, draw)
        shape = (4, *(draw.randint(1, 12) for _ in range(dimensions)))
        by_formula = find_result_shape(module, shape)
        try:
            expected = tuple(module(torch.empty(2, *shape, device="meta")).shape[1:])
        except RuntimeError:  # the window is larger than the input
            expected = None
        assert by_formula is None or by_formula == expected
        formulas += by_formula is not None
    assert formulas > 10


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Linear(3, 5), (3,)),
        (nn.Linear(3, 5), (7, 3)),
        (nn.BatchNorm1d(3), (3,)),
        (nn.BatchNorm2d(3), (3, 4, 4)),
        (nn.GroupNorm(1, 3), (3, 4, 4)),
        (nn.LayerNorm(4), (3, 4)),
        (nn.Dropout(), (3, 4)),
        (nn.AdaptiveAvgPool2d((2, 3)), (3, 8, 8)),
        (_ActivationModule("leaky_relu(0.2)", 0), (3, 8, 8)),
    ],
)
def test_other_formulas_agree_with_the_module(module: nn.Module, shape: tuple[int, ...]) -> None:
    assert find_result_shape(module, shape) == tuple(module(torch.zeros(2, *shape)).shape[1:])


@pytest.mark.parametrize(
    ("module", "input_shapes"),
    [
        (_ReduceModule(product=True), [(3, 8, 8), (3, 1, 1), (3, 8, 8)]),
        (_SubtractModule(), [(1, 8), (3, 8)]),
        (_ConcatenateModule(1), [(3, 8, 8), (2, 8, 8)]),
        (_ConcatenateModule(-1), [(3, 8, 8), (3, 8, 5)]),
        (_GlobalPoolModule(maximum=False), [(3, 8, 8)]),
    ],
)
def test_formulas_of_several_inputs_agree_with_the_module(
    module: nn.Module, input_shapes: list[tuple[int, ...]]
) -> None:
    result = module(*(torch.zeros(2, *shape) for shape in input_shapes))
    assert find_result_shape(module, *input_shapes) == tuple(result.shape[1:])


def test_a_module_without_formula_must_be_asked() -> None:
    class Doubled(nn.Linear):
        """A subclass may compute anything."""

    assert find_result_shape(Doubled(3, 5), (3,)) is None
    assert find_result_shape(nn.PixelShuffle(2), (4, 8, 8)) is None
    assert find_result_shape(nn.MaxPool2d(5), (1, 3, 3)) is None  # the window does not fit: torch says so
