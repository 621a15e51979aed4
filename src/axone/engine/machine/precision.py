"""The floating-point precision of forward passes: float32, or bfloat16 on hardware that multiplies it natively.

bfloat16 without hardware support is emulated and slower than float32, so `auto` queries the hardware. Weights,
optimizer state and sums stay in float32 either way (mixed precision: Micikevicius et al. 2018,
arXiv:1710.03740; bfloat16: Kalamkar et al. 2019, arXiv:1905.12322).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch

from axone.errors import ResourceError
from axone.messages import _


def has_bfloat16(device: torch.device) -> bool:
    """Return whether the device multiplies bfloat16 natively."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return _processor_has("_is_avx512_bf16_supported") or _processor_has("_is_amx_tile_supported")
    return False


def _processor_has(question: str) -> bool:
    ask: Callable[[], bool] | None = getattr(torch.cpu, question, None)
    return bool(ask and ask())


def choose_precision(wanted: str, device: torch.device) -> torch.dtype:
    """Return the dtype of the setting `precision`. Raises ResourceError when the device does not support it."""
    if wanted == "auto":
        return torch.bfloat16 if has_bfloat16(device) else torch.float32
    if wanted == "bfloat16" and device.type == "mps":
        raise ResourceError(
            _("This device ({device}) does not support bfloat16.", device=device), hint="--precision float32"
        )
    return getattr(torch, wanted)


def casting(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[object]:
    """Return the context manager in which a forward pass and its loss are computed."""
    if dtype is torch.float32:
        return nullcontext()
    return torch.autocast(device.type, dtype=dtype)
