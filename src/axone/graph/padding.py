"""Where a window may stand: the arithmetic that convolutions and poolings share.

"valid" adds nothing; the window stays inside. "same" adds just enough that the output has
ceil(input / stride) positions, half before and half after, the odd one after (TensorFlow's meaning, at any
stride; torch's own "same" refuses a stride above 1).
"""

from __future__ import annotations

from collections.abc import Sequence

from axone.graph.errors import GraphError
from axone.messages import _


def pair(value: int | tuple[int, int]) -> tuple[int, int]:
    """Say a size for height and width: 3 means (3, 3)."""
    return value if isinstance(value, tuple) else (value, value)


def same(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """How many positions to add before and after a line of `size`, so that the output has ceil(size / stride)."""
    positions = -(-size // stride)
    total = max((positions - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
    return total // 2, total - total // 2


def fixed(
    padding: str | int | tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> tuple[int, int] | None:
    """The padding as one number per dimension, equal on both sides, whatever the input's size.

    None when there is no such number: then it is computed from each input.
    """
    if padding == "valid":
        return 0, 0
    if padding != "same":
        assert not isinstance(padding, str)
        return pair(padding)
    totals = [step * (size - 1) for size, step in zip(kernel, dilation)]
    if all(step == 1 for step in stride) and all(total % 2 == 0 for total in totals):
        return totals[0] // 2, totals[1] // 2
    return None


def require_room(
    label: str, shape: tuple[int, ...], kernel: Sequence[int], dilation: Sequence[int], padding: str | int | tuple
) -> None:
    """Raise GraphError when the window is larger than the padded input (shape without batch, channels first)."""
    if padding == "same":
        return
    around = (0,) * len(kernel) if isinstance(padding, str) else pair(padding)
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
