"""Window and padding arithmetic that convolutions and poolings share, in one to three spatial dimensions.

"valid" adds no padding. "same" adds just enough that the output has ceil(input / stride) positions, half before and
half after, an odd one after (TensorFlow's definition, at any stride; torch's own "same" requires stride 1). In a
transposed convolution "same" removes just enough that the output has input x stride positions.
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

MAXIMUM_PADDED_NUMBERS = 1_000_000_000  # of one example after "same" padding


class WindowGeometry(NamedTuple):
    """Which input positions a layer's output positions depend on, in one dimension.

    The first and the last of n + 1 neighboring output positions are n apart; the first and the last input position that
    they depend on are floor((stride n + extent) / upsampling) apart. A convolution has its stride, the extent
    dilation x (kernel - 1), and upsampling 1; a layer that enlarges its input has its factor as upsampling.
    """

    stride: int
    extent: int
    upsampling: int = 1


# One entry per spatial dimension; () where each output position depends on the same position of the input only.
ReceptiveWindow = tuple[WindowGeometry, ...]


def name_axes(dimensions: int) -> str:
    """Return the axes of an example with this number of spatial dimensions, for an error message."""
    return (_("(channels, steps)"), _("(channels, height, width)"), _("(channels, depth, height, width)"))[
        dimensions - 1
    ]


def per_dimension(value: int | tuple[int, ...], dimensions: int) -> tuple[int, ...]:
    """Return one number per spatial dimension: 3 becomes (3, 3) in an image."""
    return value if isinstance(value, tuple) else (value,) * dimensions


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Return the padding before and after an axis of `size` for an output of ceil(size / stride) positions."""
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
    """Pad the input as "same" requires at its size; return it unchanged where no padding is needed."""
    padding: list[int] = []
    for axis in zip(input.shape[2:], kernel, stride, dilation or (1,) * len(kernel)):
        padding = [*same_padding(*axis), *padding]  # F.pad expects the last dimension first
    return F.pad(input, padding, value=value) if any(padding) else input


def symmetric_padding(
    padding: str | int | tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[int, ...] | None:
    """Return the padding as one number per dimension, equal on both sides, valid for inputs of any size.

    Returns None where there is no such number, so that the padding must be computed for each input.
    """
    if padding == "valid":
        return (0,) * len(kernel)
    if padding != "same":
        assert not isinstance(padding, str)
        return per_dimension(padding, len(kernel))
    totals = [step * (size - 1) for size, step in zip(kernel, dilation)]
    if all(step == 1 for step in stride) and all(total % 2 == 0 for total in totals):
        return tuple(total // 2 for total in totals)
    return None


def check_window_fits(
    label: str,
    shape: tuple[int, ...],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    padding: str | int | tuple[int, ...],
) -> None:
    """Raise GraphError if the window is larger than the padded input (`shape` without the batch, channels first).

    With "same", any window fits; it is refused where the padded input would be excessively large.
    """
    if padding == "same":
        added = (sum(same_padding(*axis)) for axis in zip(shape[1:], kernel, stride, dilation))
        if shape[0] * math.prod(size + more for size, more in zip(shape[1:], added)) > MAXIMUM_PADDED_NUMBERS:
            raise GraphError(
                _('{layer}: padding="same" would make {shape} too large.', layer=label, shape=shape),
                hint=_("Use a smaller kernel or dilation."),
            )
        return
    sides = (0,) * len(kernel) if isinstance(padding, str) else per_dimension(padding, len(kernel))
    needed = [step * (size - 1) + 1 - 2 * side for size, step, side in zip(kernel, dilation, sides)]
    if any(size < minimum for size, minimum in zip(shape[1:], needed)):
        raise GraphError(
            _(
                "{layer} needs at least {least}, got {shape}.",
                layer=label,
                least="x".join(str(max(minimum, 1)) for minimum in needed),
                shape=shape,
            ),
            hint=_('Use fewer pooling layers, a larger input, or padding="same".'),
        )


def same_transposed_padding(kernel: int, stride: int, dilation: int) -> tuple[int, int] | None:
    """Return (padding, output_padding) with which a transposed convolution maps n positions to n x stride.

    Returns None where torch has no such numbers: at stride 1 with an even kernel, half of the surplus cannot be removed
    on each side and nothing may be added at the end.
    """
    surplus = dilation * (kernel - 1) + 1 - stride
    if surplus < 0:
        return 0, -surplus
    added = surplus % 2
    return None if added >= max(stride, dilation) else ((surplus + 1) // 2, added)
