"""What a training sets on this machine before it begins: device, precision, threads, random generators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from axone.engine.machine import seeds
from axone.engine.machine.device import choose_device, keep_freed_memory, use_threads
from axone.engine.machine.precision import choose_precision
from axone.settings import Settings


def prepare_machine(
    settings: Settings, saved_environment: Mapping[str, Any] | None = None
) -> tuple[torch.device, torch.dtype]:
    """Choose device and precision, set threads and seed; a resumed run uses the number of threads it began with."""
    device = choose_device(settings.device)
    dtype = choose_precision(settings.precision, device)
    keep_freed_memory()
    use_threads(settings.threads or int((saved_environment or {}).get("threads", 0)))
    seeds.seed_everything(settings.seed)
    return device, dtype
