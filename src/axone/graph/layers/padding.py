"""Where a window may stand: the arithmetic that convolutions and poolings share, in one to three dimensions.

"valid" adds nothing; the window stays inside. "same" adds just enough that the output has
ceil(input / stride) positions, half before and half after, the odd one after (TensorFlow's meaning, at any
stride; torch's own "same" refuses a stride above 1). In a transposed convolution "same" takes away just enough that
the output has input x stride positions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from axone.graph.errors import GraphError
from axone.messages import _

MOST_PADDED = 1_000_000_000  # numbers of one example with what "same" adds around them


class Sight(NamedTuple):
    """What a layer's output sees of its input, in one dimension.

    From the first to the last of n + 1 neighbors in the output it is n positions, from the first to the last that
    they see together (step x n + reach) / grain, rounded down. A convolution has its stride for step, dilation x
    (kernel - 1) for reach, and grain 1; a layer that grows what it gets has its factor for grain.
    """

    step: int
    reach: int
    grain: int = 1


Window = tuple[Sight, ...]  # one for each dimension of positions; none: each position sees its own place alone


def axes(dimensions: int) -> str:
    """Say the shape of an example with so many dimensions of positions."""
    return (_("(channels, steps)"), _("(channels, height, width)"), _("(channels, depth, height, width)"))[
        dimensions - 1
    ]


def each(value: int | tuple[int, ...], dimensions: int) -> tuple[int, ...]:
    """Say a size for each dimension: 3 means (3, 3) in a picture."""
    return value if isinstance(value, tuple) else (value,) * dimensions


def same(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """How many positions to add before and after a line of `size`, so that the output has ceil(size / stride)."""
    positions = -(-size // stride)
    total = max((positions - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
    return total // 2, total - total // 2


def pad_same(
    input: Float[Tensor, "batch channels *positions"],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...] | None = None,
    value: float = 0.0,
) -> Float[Tensor, "batch channels *padded"]:
    """Add around the input what "same" asks for at its size; nothing where nothing is needed."""
    around: list[int] = []
    for line in zip(input.shape[2:], kernel, stride, dilation or (1,) * len(kernel)):
        around = [*same(*line), *around]  # torch's pad wants the last dimension first
    return F.pad(input, around, value=value) if any(around) else input


def fixed(
    padding: str | int | tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[int, ...] | None:
    """The padding as one number per dimension, equal on both sides, whatever the input's size.

    None when there is no such number: then it is computed from each input.
    """
    if padding == "valid":
        return (0,) * len(kernel)
    if padding != "same":
        assert not isinstance(padding, str)
        return each(padding, len(kernel))
    totals = [step * (size - 1) for size, step in zip(kernel, dilation)]
    if all(step == 1 for step in stride) and all(total % 2 == 0 for total in totals):
        return tuple(total // 2 for total in totals)
    return None


def require_room(
    label: str,
    shape: tuple[int, ...],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    padding: str | int | tuple[int, ...],
) -> None:
    """Raise GraphError when the window is larger than the padded input (shape without batch, channels first).

    "same" makes room for any window; it is refused where it would add absurdly much.
    """
    if padding == "same":
        added = (sum(same(*line)) for line in zip(shape[1:], kernel, stride, dilation))
        if shape[0] * math.prod(size + more for size, more in zip(shape[1:], added)) > MOST_PADDED:
            raise GraphError(
                _('{layer}: padding="same" would make {shape} absurdly large.', layer=label, shape=shape),
                hint=_("Use a smaller kernel or dilation."),
            )
        return
    around = (0,) * len(kernel) if isinstance(padding, str) else each(padding, len(kernel))
    needed = [step * (size - 1) + 1 - 2 * side for size, step, side in zip(kernel, dilation, around)]
    if any(size < least for size, least in zip(shape[1:], needed)):
        raise GraphError(
            _(
                "{layer} needs at least {least}, got {shape}.",
                layer=label,
                least="x".join(str(max(least, 1)) for least in needed),
                shape=shape,
            ),
            hint=_('Use fewer pooling layers, a larger input, or padding="same".'),
        )


def transposed_same(kernel: int, stride: int, dilation: int) -> tuple[int, int] | None:
    """A transposed convolution's (padding, output_padding) that make a line of n positions one of n x stride.

    None where torch has no such numbers: an even number to take away from both sides is not there, and at stride 1
    nothing may be added at the end.
    """
    surplus = dilation * (kernel - 1) + 1 - stride
    if surplus < 0:
        return 0, -surplus
    added = surplus % 2
    return None if added >= max(stride, dilation) else ((surplus + 1) // 2, added)
